//! What the platform does by itself when records are written: one list, in visible order.
