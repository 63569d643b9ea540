//! How much there may be in a VM.

/// How much there may be in a VM: so that a program that goes wrong fails where it does, instead of
/// taking all memory.
///
/// A process that crosses a limit fails, with a [`VmError`](crate::VmError) that names the limit:
/// by what its turn asks for (actions and their bytes), or when what it asked for is performed (a
/// process, an endpoint). A process that wants to be told whether a child has booted
/// ([`Spawn::then`](crate::Spawn::then)) is told that there are too many, instead. Each VM has
/// limits of its own. For those of its container a nested VM is one process, which fails as a whole
/// if what its processes do outside is too much.
///
/// What the host asks for counts, and is never refused, so it can cross a limit. Others pay for
/// that: until enough has been performed, each process that asks for anything more of the kind (a
/// single byte, where it is bytes that are too many) fails. A host that sends faster than its
/// processes answer looks at what waits before it sends, or sets the limits above all that it
/// sends.
///
/// ```
/// use marketplace::Limits;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// fn spawner() -> Transition<()> {
///     transition_no_state!(subscriber!("never"), spawn!(spawner()), spawn!(spawner()))
/// }
///
/// let limits = Limits { processes: 10, ..Limits::default() };
/// let mut sim = Sim::new(move |_| transition_no_state!(spawn_vm!(limits: limits; spawn!(spawner()))));
/// sim.run();
/// assert_eq!(sim.exits()[0].reason.to_string(), "too many processes: 10 are there already");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processes alive: 10,000,000 by default. The event relay of a ground VM is one.
    pub processes: usize,
    /// Endpoints in the VM's network: 10,000,000 by default. The processes of the ground VM may
    /// have as many again at the meta level.
    pub endpoints: usize,
    /// Actions that wait to be performed: 10,000,000 by default.
    pub queued: usize,
    /// Bytes of the values that wait in the queue, in messages, refusals, questions and answers: 1
    /// GiB by default. They are counted as if no value shared anything with another, so the same
    /// text in 1,000 messages counts 1,000 times: a program that has one large value wait in many
    /// messages at once needs a higher limit. What closures hold and what is in host values
    /// ([`Opaque`](crate::Opaque)) is not counted.
    pub queued_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { processes: 10_000_000, endpoints: 10_000_000, queued: 10_000_000, queued_bytes: 1 << 30 }
    }
}
