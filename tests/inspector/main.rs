//! The inspector: who may ask, what is answered, what is pushed; and the page itself, in a Chromium
//! without a window where there is one.

mod api;
#[cfg(unix)]
mod browser;
mod connections;
mod events;
mod http;
mod objects;
mod pace;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod page_objects;
mod security;
mod sessions;

use std::time::Duration;

use marketplace::inspector::{Inspector, InspectorOptions};
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};

use crate::http::Site;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

/// The message that makes the fragile process fail.
const BREAK: &str = "break";

/// A vat, what shows it, and who asks.
struct Inspected {
    vat: Vat,
    _inspector: Inspector,
    url: String,
    site: Site,
}

impl Inspected {
    fn new<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        Self::with_log(VatOptions::default().log_capacity, boot)
    }

    fn with_log<T>(log_capacity: usize, boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let options =
            VatOptions { name: Some("test".into()), log: true, log_capacity, ..VatOptions::default() };
        let vat = Vat::spawn(options, boot).unwrap();
        settle(&vat);
        let options = InspectorOptions { log: Some(log_capacity), ..InspectorOptions::default() };
        let inspector = Inspector::start(&vat, options).unwrap();
        let (url, site) = (inspector.url(), Site::new(&inspector));
        Self { vat, _inspector: inspector, url, site }
    }
}

/// Waits until the vat has done all that it was asked before.
fn settle(vat: &Vat) {
    vat.call(|_| ()).unwrap();
    while vat.inspect(|debugger| debugger.dump().queued > 0).unwrap() {}
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Here(Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct Welcome(Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct Heard(Text);

/// A room in a VM, in which the host greets: somebody who is present to somebody, at two levels,
/// under names that mean harm, and one that fails.
fn room() -> Transition<()> {
    transition_no_state!(
        spawn_vm!(
            name: "room";
            name_process("host", spawn!(transition_no_state!(subscriber!(
                Here(_),
                match_conversation!(Here(who) => on_presence!(send_message!(Welcome(who)))),
            )))),
            name_process("ann", spawn!(guest("ann"))),
            name_process(HOSTILE, spawn!(guest(HOSTILE))),
        ),
        name_process(
            "fragile",
            spawn!(transition_no_state!(subscriber!(
                "break",
                on_message!(_ => Err::<(), _>(Failure::value(&"it broke".to_string()))?)
            ),))
        ),
        publisher!("break"),
    )
}

const HOSTILE: &str = "<script>window.harm=1</script><img src=x onerror=window.harm=1>";

fn guest(name: &'static str) -> Transition<()> {
    let name = Text::from(name);
    transition_no_state!(
        publisher!(Here(name)),
        subscriber!(Welcome(name), on_message!(_ => ())),
        at_meta_level!(subscriber!("bell", on_message!(_ => send_message!(Heard(name))))),
    )
}
