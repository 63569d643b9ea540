//! The process half, with scripted children.
