//! The text that each vat stands on: evaluated before any of its own code.

/// One function, of the host's functions and options, that gives what the host calls.
pub(crate) const PRELUDE: &str = concat!(
    "(function prelude(host, options) {\n'use strict';\n",
    include_str!("prelude/harden.js"),
    include_str!("prelude/marshal.js"),
    include_str!("prelude/eventual.js"),
    include_str!("prelude/liveslots.js"),
    include_str!("prelude/lockdown.js"),
    include_str!("prelude/inspect.js"),
    include_str!("prelude/shell.js"),
    include_str!("prelude/host.js"),
    "})",
);
