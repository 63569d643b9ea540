//! A vat tells it as a program on `ground_vm!` does.

use std::future::pending;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};

use crate::{logs, told};

fn fails() -> Transition<()> {
    let ear = subscriber!(
        "fail",
        on_message!(_ => {
            Err(Failure::value(&"no".to_string()))?;
        })
    );
    transition_no_state!(ear, send_message!("fail"))
}

const LINE: &str = r#"WARN marketplace: a process failed process=fails() pid=p2 reason=no heard=message "fail" from=fails()"#;

#[test]
fn a_failure_in_a_runtime_of_the_programs_own_is_told() {
    assert_eq!(logs(&told("vats::in_a_runtime")), [LINE]);
}

#[test]
#[ignore = "run by other tests"]
fn in_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(ground::run(|_| transition_no_state!(spawn!(fails())), pending())), Ok(()));
}

#[test]
fn a_failure_in_a_vat_is_told_whatever_turns_it_over() {
    assert_eq!(logs(&told("vats::on_a_thread")), [LINE]);
    assert_eq!(logs(&told("vats::by_hand")), [LINE]);
}

#[test]
#[ignore = "run by other tests"]
fn on_a_thread() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn!(fails()))).unwrap();
    vat.shutdown().unwrap();
    assert_eq!(vat.join().unwrap(), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn by_hand() {
    let (_vat, mut pump) =
        Vat::manual(VatOptions::default(), |_| transition_no_state!(spawn!(fails())), || ());
    assert!(pump.pump());
}
