//! Ducts: the way of an answer, hop by hop.
//!
//! A keystroke comes from the host. The terminal driver `d` passes it to the VM `g` of programs,
//! where the terminal passes it to the shell, which makes a child, which asks the timer to wake it
//! up. Each adds itself to the duct, so that each answer finds its way back without a name or a
//! number of a request: when the time has come, "ding" falls down from the timer to the child, the
//! shell, the terminal, the driver, and out to the host.
//!
//!     cargo run --example ducts

use std::error::Error;
use std::time::Duration;

use marketplace::log::DebugAuthority;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatEvent, VatOptions};
use marketplace_drivers::timer;

#[derive(Message, Clone, Debug, PartialEq)]
struct Keystroke(char);

#[derive(Message, Clone, Debug, PartialEq)]
struct Line(Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct WakeAfterMs(u64);

#[derive(Message, Clone, Debug, PartialEq)]
struct Ready(Pid);

fn main() -> Result<(), Box<dyn Error>> {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(timer::driver()))?;
    // Only who has this can see what is on a duct: the host gives it to the timer.
    let authority = vat.debug_authority();
    let mut ready = vat.subscribe::<Ready>(topic!(Ready(_)))?;
    vat.call(move |caller| caller.act(clock(authority)))?;
    let Some(VatEvent::Message(Ready(driver))) = ready.wait()? else { return Err("no driver".into()) };

    let mut effects = vat.pass(driver, "term/1", &Keystroke('\n'))?;
    let Some(Ok(text)) = effects.wait()? else { return Err("no answer".into()) };
    println!("{}", Text::from_value(&text).unwrap_or_default());
    Ok(())
}

// Each process knows whom it asks: so they are made from the bottom up.

fn clock(authority: DebugAuthority) -> Spawn<()> {
    let timer = name_process("timer", spawn!(timer_process(authority)));
    timer.then(|(), timer| Ok::<_, Failure>(transition_no_state!(programs(timer?))))
}

fn programs(timer: Pid) -> Spawn<()> {
    let shell = name_process("a/~zod/shell_terminal", spawn!(shell(timer)));
    let terminal = |shell| name_process("a/~zod/terminal", spawn!(terminal(shell)));
    let gall =
        spawn_vm!(shell.then(move |(), shell| Ok::<_, Failure>(transition_no_state!(terminal(shell?)))));
    name_process("g", gall).then(|(), gall| Ok::<_, Failure>(transition_no_state!(driver(gall?))))
}

fn driver(gall: Pid) -> Spawn<()> {
    let driver = name_process("d", spawn!(terminal_driver(gall)));
    driver.then(|(), driver| Ok::<_, Failure>(transition_no_state!(send_message!(Ready(driver?)))))
}

/// Passes keys in, and what comes back out.
fn terminal_driver(gall: Pid) -> Transition<()> {
    transition_no_state!(subscriber!(
        Keystroke(_),
        on_message!(Keystroke(_) => pass(gall, "term-mess", &Line("timer".into()))),
        match_duct!(host => on_reply!("term-mess", text: Text => give(&host, &text))),
    ))
}

/// Hears the level outside, where the driver is.
fn terminal(shell: Pid) -> Transition<()> {
    transition_no_state!(
        at_meta_level!(callee!(on_message!(Line(line) => pass(shell, "u/txt", &Line(line))))),
        replies!(match_duct!(driver => on_reply!("u/txt", text: Text => give(&driver, &text)))),
    )
}

/// Makes a process for each line.
fn shell(timer: Pid) -> Transition<()> {
    transition_no_state!(
        callee!(match_duct!(terminal => on_message!(Line(_) => start(timer, terminal)))),
        replies!(match_duct!(terminal => on_reply!("u/child/4/main", text: Text => give(&terminal, &text)))),
    )
}

fn start(timer: Pid, terminal: Duct) -> Spawn<()> {
    let child = name_process("a/~zod/4_shell_terminal", spawn!(child(timer)));
    child.then(move |(), child| {
        let start = pass(child?, "u/child/4/main", &Line("timer".into()));
        Ok::<_, Failure>(transition_no_state!(start.onto(&terminal)))
    })
}

/// Asks to be woken up, one level out, and says ding.
fn child(timer: Pid) -> Transition<()> {
    transition_no_state!(
        callee!(on_message!(Line(_) => at_meta_level!(pass(timer, "u/time", &WakeAfterMs(10))))),
        replies!(match_duct!(shell => on_reply!("u/time", _ => (give(&shell, &"ding".to_string()), quit())))),
    )
}

/// Keeps the duct until the time has come.
fn timer_process(authority: DebugAuthority) -> Transition<()> {
    transition_no_state!(callee!(match_duct!(duct => on_message!(WakeAfterMs(after_ms) => {
        authority.hops(&duct).for_each(|hop| println!("{hop}"));
        timer::after(Duration::from_millis(after_ms), move || give(&duct, &()))
    }))))
}
