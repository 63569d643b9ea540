//! Threads of the host hold ducts of a vat that runs: they clone them, drop them, and let its
//! process give on them.

use std::sync::mpsc;
use std::thread;

use marketplace::prelude::*;
use marketplace::vat::{NoAnswer, Vat, VatOptions};

const THREADS: u32 = 4;
/// How many ducts each thread gets, and how often it clones each.
const DUCTS: u32 = 50;
const CLONES: usize = 200;

/// Keeps every duct, and shares those of the number `n` with thread `n`. Gives on what it is told
/// to give on.
fn sharer(threads: Vec<mpsc::Sender<Duct>>) -> Transition<Vec<Duct>> {
    transition!(
        Vec::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(n: u32 => {
                let _ = threads[n as usize].send(duct.clone());
                kept.push(duct);
                transition!(kept)
            }))),
            match_state!(_kept: &Vec<Duct> => on_message!(("give", duct): (Text, Duct) => give(&duct, &1u8))),
            match_state!(_kept: &Vec<Duct> => on_message!("quit" => quit())),
        ),
    )
}

/// Each answer arrives, and so does that there are no more: once, when the process ends, which was
/// the last that held the ducts.
#[test]
fn whoever_waits_hears_whatever_threads_do_with_its_duct() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| mpsc::channel()).unzip();
    let vat = Vat::spawn(VatOptions::default(), move |_| sharer(senders)).unwrap();
    let threads: Vec<_> = (0..)
        .zip(receivers)
        .map(|(n, ducts)| {
            let vat = vat.clone();
            thread::spawn(move || {
                let answers: Vec<_> = (0..DUCTS).map(|_| vat.pass(Pid::BOOT, "w", &n).unwrap()).collect();
                for _ in 0..DUCTS {
                    let duct: Duct = ducts.recv().unwrap();
                    (0..CLONES).for_each(|_| drop(duct.clone()));
                    vat.send(&(Text::from("give"), duct)).unwrap();
                }
                answers
            })
        })
        .collect();
    let answers: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    vat.send(&Text::from("quit")).unwrap();
    for mut answers in answers {
        assert_eq!(answers.wait(), Ok(Some(Ok(1u8.to_value()))));
        assert_eq!(answers.wait(), Ok(Some(Err(NoAnswer::Absence(Reason::Normal)))));
        assert_eq!(answers.wait(), Ok(None));
    }
    vat.halt();
}
