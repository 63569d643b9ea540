//! Objects and promises as text for the prompt, and found by what is typed there.

use std::fmt::Write;

use crate::conversation::pid::Pid;
use crate::data::one_line::one_line;
use crate::data::reference::Reference;
use crate::data::value::{Value, View};
use crate::host::shell::error::ShellError;
use crate::host::vat::Debugger;
use crate::vm::dump::{Dump, DumpedProcess, Numbered, rings};

/// The objects of a VM, or of one process.
pub(super) fn refs(vm: &Dump, of: Option<Pid>) -> Result<String, ShellError> {
    if let Some(pid) = of
        && vm.processes.iter().all(|process| process.pid != pid)
    {
        return Err(ShellError::NoProcess(pid));
    }
    let mut text = String::new();
    for process in vm.processes.iter().filter(|process| of.is_none_or(|pid| process.pid == pid)) {
        for object in &process.objects {
            let _ = writeln!(text, "{}: {object}", process.pid);
        }
        let more = process.object_count.saturating_sub(process.objects.len());
        if more > 0 {
            let _ = writeln!(text, "{}: {more} more", process.pid);
        }
        let inside = process.inside.as_ref().map_or(0, objects_in);
        if inside > 0 {
            let _ = writeln!(text, "{0}: a VM with {inside} in it: `enter {0}` first", process.pid);
        }
    }
    if text.is_empty() {
        text.push_str("no objects\n");
    }
    Ok(text)
}

fn objects_in(vm: &Dump) -> usize {
    let of = |process: &DumpedProcess| process.object_count + process.inside.as_ref().map_or(0, objects_in);
    vm.processes.iter().map(of).sum()
}

/// The promises that a VM sees.
pub(super) fn promises(vm: &Dump) -> String {
    let mut text = String::new();
    for promise in &vm.promises {
        let beyond = if promise.in_sight { "" } else { "; it is out of reach of `resolve`" };
        let _ = writeln!(text, "{}{beyond}", promise.within(&vm.vm));
    }
    let more = vm.promise_count.saturating_sub(vm.promises.len());
    if more > 0 {
        let _ = writeln!(text, "{more} more");
    }
    for ring in rings(&vm.promises) {
        let ring: Vec<_> = ring.iter().map(|promise| format!("{promise:?}")).collect();
        let _ =
            writeln!(text, "each of these waits for the next, the last for the first: {}", ring.join(", "));
    }
    if text.is_empty() {
        text.push_str("no open promises\n");
    }
    text
}

/// The live reference that prints as this one, which is only shown.
pub(super) fn find(debugger: &Debugger<'_>, shown: &Reference) -> Result<Reference, ShellError> {
    let Numbered { mut live, is_over, is_awaited } = debugger.references_numbered(shown.id());
    live.sort_unstable();
    live.dedup();
    match (live.pop(), live.is_empty()) {
        (Some(reference), true) => Ok(reference),
        (Some(_), false) => Err(ShellError::Ambiguous(shown.clone())),
        (None, _) if is_over => Err(ShellError::Over(shown.clone())),
        (None, _) if is_awaited => Err(ShellError::OutOfReach(shown.clone())),
        (None, _) => Err(ShellError::NoReference(shown.clone())),
    }
}

/// The thing that has been taken hold of, in one line.
pub(super) fn taken(vm: &Dump, reference: &Reference) -> String {
    let what = described(vm, reference).unwrap_or_else(|| "a promise".into());
    format!("{reference:?} is {what}: this prompt holds it until `release {reference:?}`\n")
}

fn described(vm: &Dump, reference: &Reference) -> Option<String> {
    vm.processes.iter().find_map(|process| {
        if let Some(object) = process.objects.iter().find(|object| object.reference == *reference) {
            let path: String = vm.vm.iter().map(|pid| format!("{pid}/")).collect();
            let name = process.name.as_ref().map(|name| format!(" {}", one_line(name))).unwrap_or_default();
            return Some(format!("{} in {path}{}{name}", object.kind, process.pid));
        }
        described(process.inside.as_ref()?, reference)
    })
}

/// The parts of a message: of a sequence its items; of a record its label, which is the verb, and
/// its fields.
pub(super) fn parts_of(message: &Value) -> Vec<Value> {
    match message.view() {
        View::Sequence(items) => items.to_vec(),
        View::Record(verb, arguments) => {
            std::iter::once(verb.clone().into()).chain(arguments.iter().cloned()).collect()
        }
        _ => vec![message.clone()],
    }
}

/// The same parts with live references in the places of those that are only shown.
pub(super) fn made_live(
    parts: &[Value],
    find: impl Fn(&Reference) -> Result<Reference, ShellError>,
) -> Result<Vec<Value>, ShellError> {
    let mut missing = None;
    let mut change = |shown: &Reference| match find(shown) {
        Ok(live) => live,
        Err(error) => {
            missing.get_or_insert(error);
            shown.clone()
        }
    };
    let live = parts.iter().map(|part| part.with_references(&mut change)).collect();
    missing.map_or(Ok(live), Err)
}
