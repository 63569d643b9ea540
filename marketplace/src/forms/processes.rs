//! Forms that make processes and go on later. Their closures clone the variables of templates as
//! endpoints do.

/// Makes a process: `spawn!(boot)` or `spawn!(pid => boot)` gives a [`Spawn`](crate::Spawn). The
/// boot is evaluated when the action is performed; it is a transition, or a `Result` of one, and
/// may use `?`.
///
/// ```
/// use marketplace::prelude::*;
///
/// fn worker(_job: String) -> Transition<u32> {
///     transition!(0)
/// }
///
/// fn parent(job: String) -> ActionTree<()> {
///     actions![
///         spawn!(worker(job)),
///         spawn!(pid => transition_no_state!(quit().pid(pid))),
///         name_process(Symbol::new("parser"), spawn!(transition!("12".parse::<u8>()?))),
///     ]
/// }
/// # assert_eq!(parent("job".into()).len(), 3);
/// ```
///
/// It expands to `spawn(move |pid: Pid| -> Result<_, Failure> { Ok(boot) })`. In a handler, which
/// may run again and again, what the boot moves must be the event's or a clone, made before the
/// form: one inside it is too late, the boot has moved the variable.
///
/// ```
/// # use marketplace::prelude::*;
/// # fn worker(_job: String) -> Transition<()> { transition_no_state!() }
/// fn endpoint(job: String) -> AddEndpoint<()> {
///     subscriber!(_, on_presence!({
///         let job = job.clone();
///         spawn!(worker(job))
///     }))
/// }
/// # let _ = endpoint("job".into());
/// ```
///
/// A process lives until it quits, fails or is killed, whatever becomes of its parent. A process to
/// which nothing can happen any more (it has no endpoints and waits for nothing) is dropped, and no
/// exit is reported.
#[macro_export]
macro_rules! spawn { ($($form:tt)*) => { $crate::__private::spawn! { $crate; $($form)* } } }

/// Makes a process, and goes on when it has booted: with its PID, or with the reason for which the
/// boot failed.
///
/// ```
/// use marketplace::prelude::*;
///
/// fn child() -> Transition<()> {
///     transition_no_state!()
/// }
///
/// fn parent() -> Spawn<Vec<Pid>> {
///     spawn_continue!(child: child(), parent: |mut children: Vec<Pid>, child: Result<Pid, Reason>| {
///         match child {
///             Ok(pid) => children.push(pid),
///             Err(reason) => return_nothing(reason),
///         }
///         transition!(children)
///     })
/// }
/// # fn return_nothing(_: Reason) {}
/// # let _ = parent();
/// ```
///
/// It expands to `spawn(move |_| Ok(boot)).then(move |state: S, child| Ok(..))`: see
/// [`Spawn::then`](crate::Spawn::then).
#[macro_export]
macro_rules! spawn_continue { ($($form:tt)*) => { $crate::__private::spawn_continue! { $crate; $($form)* } } }

/// Makes a nested VM: `spawn_vm!(vm_pid: v, boot_pid: b, limits: l, state: e, name: n; trees..)`.
/// The trees are the first actions of its boot process, whose state is `e`; `v` stands for the PID
/// of the VM in its container, `b` for that of the boot process inside; `l` says [how much there
/// may be](crate::Limits) in it. All options may be left out.
///
/// ```
/// use marketplace::prelude::*;
///
/// fn inner() -> Spawn<()> {
///     spawn_vm!(boot_pid: me, state: 0u32, name: "inner";
///         send_message!("inside"),
///         at_meta_level!(send_message!("outside")),
///         quit().pid(me))
/// }
/// # let _ = (inner(), spawn_vm!(quit::<()>()) as Spawn<()>);
/// ```
///
/// The VM ends when a process in it says `at_meta_level!(quit())`, or when a process in its
/// container kills it (`quit().pid(v)`). Everything in it ends with it. A process in it that quits
/// at the meta level stops the VM at once: nothing in it runs from that step on, but the actions
/// that it has already asked for further out are performed first. (`at_meta_level!(quit().pid(v))`,
/// with the VM's own PID, does the same.) The VM does not end with its boot process. Like any
/// process it is dropped when nothing can happen to it any more: when no action waits in it and it
/// has no endpoint in its container.
///
/// It expands to
/// `name_process(n, spawn_vm(move |v: Pid, b: Pid| Ok(Transition::new(e, (trees..)))))`; with
/// limits, to [`spawn_vm_within`](crate::spawn_vm_within)`(l, ..)`.
#[macro_export]
macro_rules! spawn_vm { ($($form:tt)*) => { $crate::__private::spawn_vm! { $crate; $($form)* } } }

/// A whole program: `ground_vm!(boot_pid: b, limits: l, warnings: w, state: e; trees..)` runs a
/// ground VM to its end. The trees are the first actions of its boot process; `l` says [how much
/// there may be](crate::Limits) in it, and `w` [from when on it warns](crate::ground::Warnings)
/// that it does not get on. All options may be left out.
///
/// ```no_run
/// use marketplace::prelude::*;
///
/// fn main() -> Result<(), GroundError> {
///     ground_vm!(spawn!(transition_no_state!(send_message!("hello"))))
/// }
/// ```
///
/// The program ends well when no action waits to be performed and no process listens to a source,
/// or when a process says `at_meta_level!(quit())`. It ends with an error when that quit has a
/// [reason](crate::PreAction::because) that is not normal. A process listens as long as it has the
/// endpoint: when its source has ended, it deletes the endpoint or quits (`on_absence!(quit())`).
/// If the boot process fails, the program goes on for as long as other processes listen to sources,
/// and ends with that error.
///
/// It expands to `ground::run_program(move |b: Pid| Ok(Transition::new(e, (trees..))))`; with
/// limits or warnings, to
/// [`ground::run_program_within`](crate::ground::run_program_within)`(l, ..)` or `(w, ..)`, with
/// both to the same with [`Options`](crate::ground::Options).
#[cfg(feature = "tokio")]
#[macro_export]
macro_rules! ground_vm { ($($form:tt)*) => { $crate::__private::ground_vm! { $crate; $($form)* } } }

/// Lets every other process have its turn first: `yield_now!(|state: S| ..)` gives an
/// [`Action`](crate::Action). The closure gives a transition and may use `?`. It is called after
/// everything that is queued when this turn is over; the other actions of the transition come
/// first, wherever in it the yield stands. (The original calls the function when it comes to the
/// yield.)
///
/// ```
/// use marketplace::prelude::*;
///
/// fn count_down(n: u32) -> Transition<u32> {
///     if n == 0 { transition!(n, quit()) } else { transition!(n - 1, yield_now!(|n: u32| count_down(n))) }
/// }
/// # let _ = count_down(3);
/// ```
///
/// It expands to `yield_now(move |state: S| -> Result<_, Failure> { Ok(..) })`.
#[macro_export]
macro_rules! yield_now { ($($form:tt)*) => { $crate::__private::yield_now! { $crate; $($form)* } } }
