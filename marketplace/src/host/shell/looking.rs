//! Dumps, turns and trees as text for the prompt.

use std::fmt::Write;

use crate::conversation::pid::Pid;
use crate::data::one_line::one_line;
use crate::host::shell::error::ShellError;
use crate::host::vat::{Debugger, VatTree};
use crate::record::log::{Log, LoggedTurn};
use crate::vm::dump::{Dump, DumpedProcess};

/// The VM at this path.
pub(super) fn vm(debugger: &mut Debugger<'_>, path: &[Pid]) -> Result<Dump, ShellError> {
    let mut found = debugger.dump();
    for pid in path {
        let process = found.processes.into_iter().find(|process| process.pid == *pid);
        found = process.and_then(|process| process.inside).ok_or_else(|| ShellError::no_vm(path))?;
    }
    Ok(found)
}

/// The VMs in a VM, indented.
pub(super) fn vms(dump: &Dump) -> String {
    let mut text = String::new();
    let mut waiting = vec![(dump, None::<&DumpedProcess>)];
    while let Some((vm, process)) = waiting.pop() {
        let path: Vec<_> = vm.vm.iter().map(ToString::to_string).collect();
        let indent = 2 * (path.len() + 1);
        let _ = write!(text, "{:indent$}/{}", "", path.join("/"));
        if let Some(name) = process.and_then(|process| process.name.as_ref()) {
            let _ = write!(text, " {}", one_line(name));
        }
        let _ = writeln!(text, ": {} processes, {} queued", vm.processes.len(), vm.queued);
        let inner = vm.processes.iter().rev();
        waiting.extend(inner.filter_map(|process| Some((process.inside.as_ref()?, Some(process)))));
    }
    text
}

pub(super) fn processes(vm: &Dump) -> String {
    let mut text = String::new();
    for process in &vm.processes {
        let _ = write!(text, "{}", process.pid);
        match (&process.name, &process.function) {
            (Some(name), _) => drop(write!(text, " {}", one_line(name))),
            (None, Some(function)) => drop(write!(text, " {function}")),
            (None, None) => {}
        }
        let (endpoints, outer) = (process.endpoints.len(), process.outer.len());
        let _ = write!(text, ": {endpoints} {}", if endpoints == 1 { "endpoint" } else { "endpoints" });
        match process.object_count {
            0 => {}
            1 => text.push_str(", 1 object"),
            more => drop(write!(text, ", {more} objects")),
        }
        if outer > 0 {
            let _ = write!(text, ", {outer} outside");
        }
        if process.queued > 0 {
            let _ = write!(text, ", {} queued", process.queued);
        }
        let _ = writeln!(
            text,
            "{}{}",
            if process.inside.is_some() { ", a VM" } else { "" },
            if process.failed { ", failed" } else { "" }
        );
    }
    text
}

pub(super) fn endpoints(vm: &Dump, of: Option<Pid>) -> Result<String, ShellError> {
    if let Some(pid) = of
        && vm.processes.iter().all(|process| process.pid != pid)
    {
        return Err(ShellError::NoProcess(pid));
    }
    let mut text = String::new();
    for process in vm.processes.iter().filter(|process| of.is_none_or(|pid| process.pid == pid)) {
        for endpoint in &process.endpoints {
            let _ = writeln!(text, "{}: {endpoint}", process.pid);
        }
    }
    Ok(text)
}

/// The turns in the VM at this path, and in the VMs inside, oldest first.
pub(super) fn turns_in<'l>(log: &'l Log, vm: &[Pid]) -> impl DoubleEndedIterator<Item = &'l LoggedTurn> {
    log.turns().filter(move |turn| turn.vm.starts_with(vm))
}

/// A turn in one line.
pub(super) fn line(turn: &LoggedTurn) -> String {
    format!("{}: {turn}\n", turn.id)
}

/// A turn in full.
pub(super) fn turn(log: &Log, id: u64) -> Result<String, ShellError> {
    let turn = log.get(id).ok_or(ShellError::NoTurn(id))?;
    let mut text = format!("turn {id} at {}, ", turn.stamp);
    match (turn.cause, turn.origin) {
        (0, Some(from)) => {
            let _ = writeln!(text, "from vat {} at {}", from.vat, from.stamp);
        }
        (0, None) => text.push_str("from the host\n"),
        (cause, _) => {
            let _ = writeln!(text, "because of {cause}");
        }
    }
    let path: String = turn.vm.iter().map(|pid| format!("{pid}/")).collect();
    let name = turn.name.as_ref().map(|name| format!(" {}", one_line(name))).unwrap_or_default();
    let _ = writeln!(text, "  {path}{}{name} {}", turn.pid, turn.heard);
    for produced in &turn.produced {
        let _ = writeln!(text, "    {}", produced.action);
    }
    if let Some(reason) = &turn.failed {
        let _ = writeln!(text, "    fails: {}", one_line(reason));
    }
    for reason in &turn.unheard {
        let _ = writeln!(text, "    nobody hears: {}", one_line(reason));
    }
    for next in log.next(id) {
        let _ = writeln!(text, "  then {}", next.id);
    }
    Ok(text)
}

/// A turn of a vat among all that has to do with it, indented.
pub(super) fn tree(tree: &VatTree, own: u64, id: u64) -> String {
    let mut text = String::new();
    for (depth, vat, turn) in tree.turns() {
        let mark = if vat == own && turn.id == id { '*' } else { ' ' };
        let indent = 2 * depth;
        let _ = write!(text, "{mark} {:indent$}", "");
        if vat != own {
            let _ = write!(text, "vat {vat}: ");
        }
        text.push_str(&line(turn));
    }
    text
}

/// The table of commands, without its frame: for a terminal of 80 columns.
pub(super) fn help() -> String {
    const COLUMNS: usize = 80;
    const COMMAND: usize = 25;
    let mut text = String::new();
    for row in include_str!("help.md").lines().skip(2) {
        let mut cells = row.trim_matches('|').splitn(2, '|').map(|cell| cell.replace('`', ""));
        if let (Some(command), Some(what)) = (cells.next(), cells.next()) {
            let mut line = format!("{:<COMMAND$}", command.trim());
            for word in what.split_whitespace() {
                if line.len() > COMMAND && line.chars().count() + word.chars().count() > COLUMNS {
                    let _ = writeln!(text, "{}", line.trim_end());
                    line = " ".repeat(COMMAND);
                }
                line.push_str(word);
                line.push(' ');
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}
