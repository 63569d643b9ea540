//! Which driver answers for a message: so that whoever waits in vain can be told.

/// The driver that answers for a message, as `#[message(driver = ..)]` says it. Where nobody
/// answers for such a message, and no driver of this kind is there, a host says how to add it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::Driver;
///
/// /// What [`Spawn::only`] calls the driver, and the action that starts it.
/// const LAMPS: Driver = Driver { kind: "lamp driver", action: "lamps::driver()", relay: None };
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// #[message(driver = LAMPS)]
/// struct Lamp { on: bool }
///
/// fn driver<S>() -> Spawn<S> {
///     spawn!(transition_no_state!(observe_publishers!(Lamp { .. }))).only(LAMPS.kind)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Driver {
    /// The name that `Spawn::only` gives it.
    pub kind: &'static str,
    /// The action that starts it, as it is written.
    pub action: &'static str,
    /// The action that starts its relay in a nested VM, if there is one.
    pub relay: Option<&'static str>,
}
