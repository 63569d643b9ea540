//! Any bytes are read as a message or a certificate, or refused.

use marketplace_captp::syrup::{Limits, Writer};
use marketplace_captp::wire::{Give, Keys, Op, Receive, Signed, Spelling};

/// Reads these bytes as all that they could be. An operation that is read is written and read
/// again, in each spelling: it is the one that it was.
///
/// # Panics
/// If it is not.
pub(crate) fn check(bytes: &[u8]) {
    let signed = Signed(bytes.to_vec().into());
    let _ = (Give::read(&signed), Receive::read(&signed));
    let _ = signed.is_signed_by(&Keys::of_seed(&[7; 32]).public());
    match Op::read(bytes, Limits::default()) {
        Ok(Op::Start(_) | Op::Get { .. } | Op::Index { .. } | Op::Untag { .. }) | Err(_) => {}
        Ok(op) => {
            for spelling in [Spelling::Framed, Spelling::Next, Spelling::Snapshot] {
                let written = write(&op, spelling);
                assert_eq!(Op::read(&written, Limits::default()), Ok(op.clone()));
            }
        }
    }
}

/// Writes an operation that is no hello.
pub(crate) fn write(op: &Op<'_>, spelling: Spelling) -> Vec<u8> {
    let mut writer = Writer::new();
    match op {
        Op::Deliver { to, args, answer, resolver } => {
            let args = |writer: &mut Writer| -> Result<(), ()> {
                writer.raw(args.0);
                Ok(())
            };
            spelling.deliver(&mut writer, *to, args, *answer, *resolver).unwrap();
        }
        Op::Listen { to, listener } => spelling.listen(&mut writer, *to, *listener),
        Op::GcExports(released) => spelling.gc_exports(&mut writer, released),
        Op::GcAnswers(released) => spelling.gc_answers(&mut writer, released),
        Op::Abort(reason) => spelling.abort(&mut writer, reason),
        other => panic!("nobody writes {other:?}"),
    }
    writer.into_bytes()
}
