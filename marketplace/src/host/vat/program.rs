//! The vat of the main thread, when somebody looks inside.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;

use crate::conversation::pid::Pid;
use crate::ground_vm::GroundError;
use crate::host::ground::{LOOK_INSIDE, Options, stdio};
use crate::host::vat::{Vat, VatOptions};
use crate::process::transition::IntoTransition;

/// The variable that names a Unix socket for a shell.
#[cfg(all(unix, feature = "shell"))]
const SOCKET: &str = LOOK_INSIDE[1];

/// The variable that asks for an inspector, at a port.
const INSPECTOR: &str = LOOK_INSIDE[2];

/// Whether anybody wants to look inside a program.
pub(crate) fn is_looked_at() -> bool {
    tell_what_is_not_built();
    #[cfg(feature = "shell")]
    if crate::host::shell::wanted() {
        return true;
    }
    #[cfg(all(unix, feature = "shell"))]
    if std::env::var_os(SOCKET).is_some() {
        return true;
    }
    cfg!(feature = "inspector") && std::env::var_os(INSPECTOR).is_some()
}

/// Says of each variable that asks in vain how to build what it asks for.
fn tell_what_is_not_built() {
    let [shell, socket, inspector] = LOOK_INSIDE;
    for (variable, feature, is_built) in [
        (shell, "shell", cfg!(feature = "shell")),
        (socket, "shell", cfg!(feature = "shell")),
        (inspector, "inspector", cfg!(feature = "inspector")),
    ] {
        if !is_built && std::env::var_os(variable).is_some() {
            stdio::to_stderr(format_args!(
                "{variable} does nothing: this program is built without the feature `{feature}` of marketplace. \
                 With it: cargo run --features marketplace/{feature}"
            ));
        }
    }
}

/// The inspector that is asked for.
#[cfg(feature = "inspector")]
fn inspector(vat: &Vat) -> io::Result<Option<crate::host::inspector::Inspector>> {
    use crate::host::inspector::{Inspector, InspectorOptions};

    let Some(port) = std::env::var_os(INSPECTOR) else { return Ok(None) };
    let port = port.to_str().and_then(|port| port.parse().ok());
    let port = port.ok_or_else(|| io::Error::other(format!("{INSPECTOR}: expected a port, or 0 for any")))?;
    let inspector = Inspector::start(vat, InspectorOptions { port, ..InspectorOptions::default() })?;
    stdio::to_stderr(format_args!("The inspector: {}", inspector.url()));
    Ok(Some(inspector))
}

/// A whole program as a vat, with its ways to look inside.
pub(crate) async fn of_program<T>(
    Options { limits, warnings }: Options,
    boot: impl FnOnce(Pid) -> T + Send + 'static,
    stop: impl Future<Output = ()>,
) -> io::Result<Result<(), GroundError>>
where
    T: IntoTransition<State: Send + 'static>,
{
    let name = std::env::args().next().and_then(|path| Some(path.rsplit('/').next()?.to_string()));
    let options = VatOptions { name, log: true, limits, warnings, ..VatOptions::default() };
    let (vat, mut churn) = Vat::handed_over(options, boot, None);
    churn.host.goes_on_when_idle = false;

    #[cfg(feature = "inspector")]
    let _inspector = inspector(&vat)?;
    #[cfg(all(unix, feature = "shell"))]
    let _socket = match std::env::var_os(SOCKET) {
        Some(path) => Some(crate::host::shell::ShellSocket::listen(&vat, path)?),
        None => None,
    };
    #[cfg(feature = "shell")]
    let prompt = if crate::host::shell::wanted() {
        churn.host.pause();
        let vat = vat.clone();
        Some(crate::host::shell::Prompt::start(vat)?)
    } else {
        None
    };

    let (mut churn, mut stop) = (pin!(churn), pin!(stop));
    let mut stopping = false;
    let outcome = poll_fn(|cx| {
        if !stopping && stop.as_mut().poll(cx).is_ready() {
            stopping = true;
            churn.host.shutdown();
        }
        churn.as_mut().poll(cx)
    })
    .await;
    #[cfg(feature = "shell")]
    if let Some(prompt) = prompt {
        prompt.end();
    }
    drop(vat);
    Ok(outcome)
}
