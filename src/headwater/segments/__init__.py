"""Audiences by what people are and did. A definition is a tree of `conditions`, read from JSON by `parsing`.

`language` is the face of the pure part: `parse`, `evaluate` on one profile's `Facts`, `needs`, `describe`.
`compile.to_sql` asks the same of a whole workspace; `facts.load` fetches what `evaluate` looks at, for many profiles;
`saved` keeps named definitions, `members` pages through who meets one.
"""
