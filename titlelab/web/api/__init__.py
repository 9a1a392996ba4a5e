"""The API by which a shop's own systems reach TitleLab: products in; accepted titles, tags, Decisions and drafts out.

Routes are thin; who may do what stands in access.py, shapes in schemas.py, and what goes wrong in problems.py.
"""
