//! Objects: references, sends, promises.

mod answers;
mod broken;
mod clauses;
mod deeds;
mod drained;
mod ends;
mod face;
mod foreign;
mod forwarding;
mod gathered;
mod kernel;
mod laws;
mod life;
mod methods;
mod notes;
mod record;
mod references;
mod resolving;
mod scenarios;
mod scenarios_of_steps;
mod sends;
mod settled;
mod turns;
mod undone;
mod waiting;
mod wanted;
