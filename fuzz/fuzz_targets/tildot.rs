//! Any text with `~.` is read, or is a mistake: no panic. A text that is read has as many lines.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(read) = marketplace_js::tildot(text) {
        assert_eq!(read.lines().count(), text.lines().count());
    }
});
