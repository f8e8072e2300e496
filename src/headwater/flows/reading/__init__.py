"""From plain data (a YAML file, a JSON body) to a flow, and what such data may look like. `parse` is the way in."""

from headwater.flows.reading.flow import Reading, parse, read

__all__ = ["Reading", "parse", "read"]
