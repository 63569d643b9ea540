//! Programs with a shell: on their terminal, and on a socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::program::Program;

/// The chat room, begun at a prompt: nothing has run before the first step; then it is a chat room.
#[test]
fn a_session_with_the_chat_example() {
    let mut chat = Program::start_with("chat", &["0"], &[("MARKETPLACE_SHELL", "1")]);
    chat.say("processes\nstep\nstep 2\nenter p3\nkill p7\nnonsense\nenter /\nlog clear\nrun\n");
    // From here on the program says something, too.
    let before = chat.until("chat> run");
    assert_eq!(
        before,
        "The program is stopped before its first step. `help` lists the commands.\n\
         chat> processes\n\
         p0: 0 endpoints, 3 queued\n\
         p1 'event-relay: 0 endpoints, 1 queued\n\
         chat> step\n\
         7: p2 'tcp-driver boots, adds publisher TcpChannel(_, TcpAddress.Listener(_), _) as observer of everything, \
         adds subscriber TcpChannel(TcpAddress.Listener(_), _, _) as observer of everything, \
         adds publisher TcpChannel(TcpAddress.Remote(_, _), TcpAddress.Handle(_), _) as observer, \
         adds subscriber TcpChannel(TcpAddress.Handle(_), TcpAddress.Remote(_, _), _) as observer\n\
         chat> step 2\n\
         13: p0 hears vacancy: no publisher TcpListening(TcpAddress.Listener(0), _)\n\
         14: p3 'chat boots, goes on\n\
         15: p3/p0 boots, at meta level: add endpoint fresh#16 subscriber TcpChannel(_, TcpAddress.Listener(0), _) as observer\n\
         chat> enter p3\n\
         chat/p3> kill p7\n\
         there is no process p7 here\n\
         chat/p3> nonsense\n\
         there is no command `nonsense`; `help` lists them\n\
         chat/p3> enter /\n\
         chat> log clear\n\
         chat> run\n"
    );
    let room = chat.listening();
    let mut client = TcpStream::connect(room).expect("the room is open");
    let mut byte = [0];
    client.read_exact(&mut byte).expect("it greets");

    // Stopped, it accepts and says nothing; the connection stays. Then it goes on.
    chat.say("pause\n");
    chat.until("stopped");
    client.write_all(b"hello\n").expect("the socket is live");
    chat.say("tail 1\nrun\nquit\n");
    let mut rest = String::new();
    client.read_to_string(&mut rest).expect("the room ends in order");
    let (status, said) = chat.end();
    assert!(status.success(), "{said}");
    assert!(said.contains("chat> quit\nending\n"), "{said}");
}

/// Another program attaches to a running one.
#[cfg(unix)]
#[test]
fn attaching_to_a_running_program() {
    let path = std::env::temp_dir().join(format!("marketplace-attach-{}", std::process::id()));
    let path = path.to_str().expect("it is text");
    let mut chat = Program::start_with("chat", &["0"], &[("MARKETPLACE_SHELL_SOCKET", path)]);
    chat.listening();
    let mut attached = Program::start("attach", &[path]);
    attached.feed(b"enter p3\nprocesses\nenter /\nquit\n");
    let (status, said) = attached.end();
    assert!(status.success(), "{said}");
    assert!(said.starts_with("chat> chat/p3> p0: 0 endpoints, 1 outside\n"), "{said}");
    let (status, said) = chat.end();
    assert!(status.success(), "{said}");
}
