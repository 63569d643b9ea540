//! The rooms, from the bottom up. A room is a module in the `src` of a crate, with all that is in
//! it.

/// A crate whose imports are to run down.
pub(crate) struct House {
    /// Where its sources are.
    pub(crate) src: &'static str,
    /// The first segments of a path that begins at its root.
    pub(crate) roots: &'static [&'static str],
    /// Its floors, from the bottom. A room may import what is below its floor, and no other room on
    /// it. The top floor, where everything is put together, may import anything.
    pub(crate) floors: &'static [&'static [&'static str]],
}

pub(crate) const HOUSES: [House; 5] = [
    House {
        src: "marketplace/src",
        roots: &["crate", "marketplace"],
        floors: &[
            &["data"],
            &["conversation"],
            &["network", "record"],
            &["process"],
            &["vm"],
            &["ground_vm"],
            &["host"],
            // Expansions name `private.rs` by its other name.
            &["forms", "private", "__private", "lib"],
        ],
    },
    House {
        src: "drivers/src",
        roots: &["crate", "marketplace_drivers"],
        floors: &[
            &["action", "addresses", "failure", "lifeline", "lines", "lock", "open"],
            &["demand"],
            &["child", "console", "gate", "signals", "spy", "tcp", "timer", "udp", "vat_link", "watch"],
            // They wait, so they ask for timers.
            &["request", "supervisor"],
            &["lib"],
        ],
    },
    House {
        src: "captp/src",
        roots: &["crate", "marketplace_captp"],
        floors: &[
            &["syrup"],
            &["value"],
            &["wire"],
            &["transport"],
            &["session", "sessions", "netlayer"],
            &["peer"],
            &["lib"],
        ],
    },
    House {
        src: "cluster/src",
        roots: &["crate", "marketplace_cluster"],
        floors: &[
            &["lost", "policy", "settings"],
            &["engine"],
            &["half", "memory", "wire"],
            &["config", "link"],
            &["gateway", "links", "sim"],
            &["crossing"],
            &["lib"],
        ],
    },
    House {
        src: "cluster/zenoh/src",
        roots: &["crate", "marketplace_cluster_zenoh"],
        floors: &[
            &["error", "keys", "missing", "log_words"],
            &["certificates", "inbox"],
            &["ways"],
            &["session"],
            &["plan"],
            &["engine", "list"],
            &["machine"],
            &["environment"],
            &["lib"],
        ],
    },
];

impl House {
    pub(crate) fn floor(&self, room: &str) -> Option<usize> {
        self.floors.iter().position(|rooms| rooms.contains(&room))
    }

    pub(crate) fn is_top(&self, floor: usize) -> bool {
        floor + 1 == self.floors.len()
    }

    /// The rooms that a room on this floor may import.
    pub(crate) fn below(&self, floor: usize) -> String {
        let rooms = self.floors[..floor].concat();
        if rooms.is_empty() { "no other room".into() } else { rooms.join(", ") }
    }
}
