//! Limits of a VM.

/// How much there may be in a VM. A program that goes wrong fails at a limit, instead of taking all
/// memory.
///
/// A process that crosses a limit fails, with a [`VmError`](crate::VmError) that names the limit.
/// Actions and their bytes are counted when its turn asks for them; a process or an endpoint is
/// counted when the action is performed. A process that asks to be told whether a child has booted
/// ([`Spawn::then`](crate::Spawn::then)) is told that there are too many, and does not fail. Each
/// VM has limits of its own. For the limits of its container a nested VM is one process, which
/// fails as a whole if the actions of its processes there are too many.
///
/// The actions of the host count, but are never refused, so the host can cross a limit. Then
/// processes pay for that: until enough has been performed, each process that asks for more of the
/// kind (a single byte, if too many bytes wait) fails. A host that sends faster than its processes
/// answer looks at how much waits before it sends, or sets the limits above all that it sends.
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
    /// messages at once needs a higher limit. Values that closures hold, and host values
    /// ([`Opaque`](crate::Opaque)), are not counted.
    pub queued_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { processes: 10_000_000, endpoints: 10_000_000, queued: 10_000_000, queued_bytes: 1 << 30 }
    }
}
