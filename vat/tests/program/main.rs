//! The program `vat` as a user runs it: on sources in folders, with words on its command line and
//! lines on its stdin.

mod demo;
mod dump;
mod process;
mod run;
mod scenarios;
mod serve;
mod shell;
