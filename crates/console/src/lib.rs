//! Web pages for agents and administrators, rendered on the server from describe, layout and
//! explain.
