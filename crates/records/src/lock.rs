//! Which rule forbids writing a field, and where to edit instead.
