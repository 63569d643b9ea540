//! The variables that a form captures, and how.

use marketplace::prelude::*;

use crate::{Address, Channel, Heard, Reply, Says, all_heard, heard, says, tell, values};

/// Variables of templates are cloned: the order of endpoints does not matter, and all can be used
/// again.
#[test]
fn variables_of_templates_are_cloned() {
    let (from, to) = (Address::Listener(1), Address::Listener(2));
    let process = transition_no_state!(
        publisher!(Channel(to, from, _)),
        subscriber!(
            Channel(from, to, _),
            on_message!(Channel(_, _, data) => (send_message!(Channel(to, from, data)), heard(&data))),
        ),
        subscriber!(
            Channel(to, from, _),
            on_message!(_ => {
                let back = send_message!(Reply { id: 1, body: from });
                (back, heard(&1u8))
            })
        ),
    );
    let message = Channel(from, to, 9u8.to_value()).to_value();
    assert_eq!(tell(process, &[message]), values([9u8, 1]));
}

/// A reference becomes a value, so that the closure may outlive what it refers to.
#[test]
fn references_become_values() {
    fn endpoints(who: &Symbol, log: &Text) -> ActionTree<()> {
        actions![
            subscriber!(
                Says { who, .. },
                on_message!(Says { what, .. } => send_message!(Reply { id: 1, body: (who, what) }))
            ),
            subscriber!(
                Reply::<(Symbol, Text)> { .. },
                on_message!(Reply { body, id: 1 }: Reply<(Symbol, Text)> => (heard(&body), send_message!(log)))
            ),
        ]
    }
    let process = Transition::new((), endpoints(&Symbol::new("a"), &Text::default()));
    assert_eq!(
        tell(process, &[says("a", "x"), says("b", "y")]),
        values([(Symbol::new("a"), Text::from("x"))])
    );
}

/// A name that a pattern or a body binds is that one, not a captured one.
#[test]
fn bound_names_are_not_captured() {
    let (what, n) = (Text::from("outer"), 3u8);
    let process = transition_no_state!(subscriber!(
        Says { .. },
        on_message!(Says { what, .. } => {
            let n = what.len();
            send_message!(Heard((what, n)))
        })
    ));
    assert_eq!(tell(process, &[says("a", "inner")]), values([(Text::from("inner"), 5u8)]));
    assert_eq!((what.as_str(), n), ("outer", 3));
}

/// Endpoints inside handlers clone in their turn.
#[test]
fn forms_nest() {
    let (who, other) = (Symbol::new("a"), Symbol::new("b"));
    let process = transition_no_state!(
        subscriber!(
            Says { who, .. },
            on_message!(_ => (
                heard(&1u8),
                spawn!(transition_no_state!(
                    subscriber!(Says { who: other, .. }, on_message!(_ => send_message!(Heard((who, other)))))
                )),
            ))
        ),
        publisher!(Says { who, what: _ }),
    );
    let messages = [says("a", ""), says("a", ""), says("b", "")];
    let pair = || (who.clone(), other.clone()).to_value();
    assert_eq!(tell(process, &messages), [1u8.to_value(), 1u8.to_value(), pair(), pair()]);
}

/// Ordinary code captures by move; a text to be formatted counts as a use.
#[test]
fn ordinary_code_captures_by_move() {
    let (name, count) = (Symbol::new("me"), Box::new(7u8));
    let process = transition_no_state!(
        subscriber!(Says { who: name, .. }, on_message!(_ => heard(&format!("{name} {count}")))),
        publisher!(Says { who: name, .. }),
    );
    assert_eq!(tell(process, &[says("me", "")]), values(["me 7".to_string()]));
}

#[test]
fn continuations_and_boots_clone_too() {
    let who = Symbol::new("a");
    let process = transition!(
        1u8,
        yield_now!(|n: u8| transition!(n + 1, send_message!(Heard((who, n))))),
        spawn!(transition_no_state!(publisher!(Says { who, .. }))),
        spawn_continue!(
            child: pid => transition_no_state!(send_message!(Heard((who, format!("{pid}"))))),
            parent: |n: u8, _child: Result<Pid, Reason>| transition!(n, send_message!(Says { who, what: "booted" }))
        ),
        publisher!(Says { who, .. }),
    );
    let mut sim = marketplace::sim::Sim::new(move |_| process);
    sim.run();
    assert_eq!(all_heard(&sim).len(), 2);
}
