//! The process half, with scripted sockets.
