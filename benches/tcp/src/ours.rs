//! Our servers, as a user writes them: `examples/echo.rs`, and the same with lines.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{
    self, TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};

const HERE: TcpAddress = TcpAddress::Listener(0);

/// Echoes bytes.
pub(crate) fn bytes() -> Result<(), GroundError> {
    ground_vm!(
        tcp::driver(),
        says_where(),
        observe_publishers!(
            TcpChannel(_, HERE, _),
            match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
        ),
    )
}

/// Echoes lines.
pub(crate) fn lines() -> Result<(), GroundError> {
    ground_vm!(
        tcp::driver(),
        says_where(),
        observe_publishers!(
            TcpChannel(_, HERE, _),
            match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(line_echoer(from, to)))),
        ),
    )
}

fn says_where() -> ActionTree<()> {
    actions![observe_publishers!(
        TcpListening { listener: HERE, .. },
        match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
            on_presence!(println!("{host}:{port}"))),
    )]
}

fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    )
}

fn line_echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        send_feedback!(TcpFeedback(from, to, TcpSignal::Mode(TcpMode::Lines))),
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => {
                    let answer = [&line, &b"\n"[..]].concat();
                    send_message!(TcpChannel(to, from, TcpPacket::from(answer)))
                },
                TcpChannel(_, _, TcpPacket::Eof) => quit(),
            ),
        ),
    )
}
