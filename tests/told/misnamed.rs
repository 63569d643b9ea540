//! Names of endpoints that were not meant as they are written are told.
#![cfg(debug_assertions)]

use marketplace::prelude::*;

use crate::{logs, told};

fn ticks() -> Transition<()> {
    transition_no_state!(
        name_endpoint("tick", subscriber!("time")),
        name_endpoint("tock", subscriber!("time")),
        delete_endpoint("tikc"),
        delete_endpoint("alarm"),
    )
}

#[test]
fn r30_the_deletion_of_an_endpoint_that_was_never_there_is_told_if_a_name_is_near() {
    assert_eq!(
        logs(&told("misnamed::never_there")),
        [
            "WARN marketplace: ticks() deletes the endpoint 'tikc, and has never had one of this name: it has had 'tick",
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn never_there() {
    assert_eq!(ground_vm!(spawn!(ticks()), spawn!(ticks())), Ok(()));
}

fn twice() -> Transition<()> {
    transition_no_state!(
        name_endpoint("tick", subscriber!("time")),
        name_endpoint("tick", subscriber!("space")),
    )
}

#[test]
fn r30_two_endpoints_of_one_name_in_one_transition_are_told() {
    assert_eq!(
        logs(&told("misnamed::adds_twice")),
        [
            "WARN marketplace: twice() adds two endpoints of the name 'tick in one transition, so the second takes \
             the place of the first: give them different names"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn adds_twice() {
    assert_eq!(ground_vm!(spawn!(twice())), Ok(()));
}

#[test]
fn r30_names_that_are_used_in_order_are_not_told() {
    assert_eq!(told("misnamed::in_order"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn in_order() {
    // Deleted twice, added again, and changed by a later transition.
    fn ticks() -> Transition<()> {
        transition_no_state!(
            name_endpoint("tick", subscriber!("time")),
            delete_endpoint("tick"),
            delete_endpoint("tick"),
            name_endpoint("tick", subscriber!("space")),
            yield_now(|()| transition_no_state!(
                name_endpoint("tick", subscriber!("time")),
                delete_endpoint(Fresh::new()),
            )),
        )
    }
    assert_eq!(ground_vm!(spawn!(ticks()), spawn!(ticks())), Ok(()));
}
