//! The thread of an inspector.

use marketplace::inspector::{Inspector, InspectorOptions};
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};

use super::runs;
use crate::until;

#[test]
fn an_inspector_that_was_dropped() {
    let options = VatOptions { name: Some("inspected".into()), ..VatOptions::default() };
    let vat = Vat::spawn(options, |_| transition_no_state!(subscriber!("x"))).unwrap();
    let inspector = Inspector::start(&vat, InspectorOptions::default()).unwrap();
    until("the inspector runs", || runs("inspector"));
    drop(inspector);
    until("the inspector's thread ends", || !runs("inspector"));
    vat.halt();
    until("the vat's thread ends", || !runs("inspected"));
}
