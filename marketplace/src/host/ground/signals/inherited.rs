//! The signals that were ignored when the program started, because its parent ignored them: `nohup`
//! does so, and a shell for programs that it starts in the background.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use signal_hook::consts::{SIGINT, SIGTERM};

/// Which of SIGINT and SIGTERM are ignored. It must be read before any source asks for a signal.
pub(super) static IGNORED: LazyLock<Vec<i32>> = LazyLock::new(|| {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    in_status(&status).unwrap_or_else(by_shell)
});

/// Reads it from Linux's `/proc`.
fn in_status(status: &str) -> Option<Vec<i32>> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let mask = u128::from_str_radix(mask.trim(), 16).ok()?;
    Some(ignored(|number| mask & (1 << (number - 1)) != 0))
}

/// Elsewhere a shell is asked. A signal that we ignore is ignored in the shell too, and no shell
/// can catch a signal that was ignored when it started. Where there is no shell, no signal counts
/// as ignored.
fn by_shell() -> Vec<i32> {
    let script = "n=0; trap 'n=$((n+1))' INT; trap 'n=$((n+2))' TERM; kill -INT $$; kill -TERM $$; exit $n";
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let heard = shell.status().ok().and_then(|status| status.code());
    ignored(|number| {
        let bit = if number == SIGINT { 1 } else { 2 };
        heard.is_some_and(|heard| heard & bit == 0)
    })
}

fn ignored(is_ignored: impl Fn(i32) -> bool) -> Vec<i32> {
    [SIGINT, SIGTERM].into_iter().filter(|number| is_ignored(*number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_read() {
        let status = |mask: &str| format!("Name:\tx\nSigIgn:\t{mask}\nSigCgt:\t0000000000004002\n");
        assert_eq!(in_status(&status("0000000000001000")), Some(vec![]));
        assert_eq!(in_status(&status("0000000000000002")), Some(vec![SIGINT]));
        assert_eq!(in_status(&status("00000000000000000000000000004003")), Some(vec![SIGINT, SIGTERM]));
        assert_eq!((in_status(""), in_status(&status("what"))), (None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_shell_says_the_same() {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        assert_eq!(Some(by_shell()), in_status(&status));
    }
}
