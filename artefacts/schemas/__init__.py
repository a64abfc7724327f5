"""What every exported JSON file holds: one pydantic model an artefact, named axes and units in the field names.

One module a family, so that a change to one family's schema leaves the exports of the others up to date. Every number must be finite;
unknown fields are refused, on writing and on reading. `artefacts.registry` says which artefact has which schema.
"""
