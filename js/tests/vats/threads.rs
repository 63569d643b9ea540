//! Vats on the threads of a runtime: a vat has none of its own.

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::stage::Stage;

#[test]
fn a_vat_moves_between_threads() {
    let mut stage = Stage::new();
    let root = stage.root("root", "next() { return 1; }");
    let ended = stage.root("ended", "loop() { for (;;); }");
    for _ in 0..3 {
        let (root, moved) = (root.clone(), stage);
        stage = std::thread::spawn(move || {
            let mut stage = moved;
            assert_eq!(stage.answer(&root, "next", ()), "1");
            stage
        })
        .join()
        .unwrap();
    }
    let asked = stage.ask(&ended, "loop", ());
    assert!(matches!(asked.answer(), Some(Err(_))));
    // It goes with the sim, on another thread.
    std::thread::spawn(move || drop(stage)).join().unwrap();
}

#[test]
fn a_vat_that_is_killed_breaks_what_it_owed() {
    let mut stage = Stage::new();
    let root = stage.root("root", "later() { return new Promise(() => {}); }");
    let later = stage.ask(&root, "later", ());
    let pid = process_of(&root).unwrap();
    stage.sim.kill(pid, Reason::value(&"enough".to_string()));
    stage.sim.run();
    assert!(matches!(later.answer(), Some(Err(_))), "{:?}", later.answer());
    assert_eq!(stage.tables().rows(), [] as [[String; 3]; 0]);
}
