"""The template language: Liquid, parsed by python-liquid, compiled to one Python function a template.

`program.build(source, mode)` is the way in. A template can only look things up in dicts and lists and call the
filters of `filters.FILTERS`; its loops, strings and output are bounded.
"""
