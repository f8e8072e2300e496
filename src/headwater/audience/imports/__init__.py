"""Files of people: a CSV file is read as it is uploaded, mapped by a person, and taken in by a role of the worker.

`reading` turns bytes into rows, `guessing` proposes what each column is, `mapping` turns a row into a person (all
pure); `uploads` stores a file's rows, `jobs` is an import as people see and steer it, `taking_in` is the role.
"""
