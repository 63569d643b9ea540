//! A folder with certificates, made by the commands that `docs/cluster.md` prints.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Certificates;

pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// Machines `ann`, `bob` and `cid`, a router at `localhost`, and their authority.
    pub(crate) fn new() -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};
        let number = RandomState::new().build_hasher().finish();
        let path = std::env::temp_dir().join(format!("marketplace-zenoh-{number:x}"));
        fs::create_dir(&path).expect("there is room");
        let page = include_str!("../../../../docs/cluster.md");
        let commands =
            page.split("```sh\n").find(|block| block.contains("openssl req")).expect("it has them");
        let commands = commands.split("```").next().unwrap_or_default();
        // And a router.
        let commands = commands.replace("in ann bob cid;", "in ann bob cid localhost;");
        let made = Command::new("sh")
            .args(["-ec", &commands])
            .current_dir(&path)
            .stdin(Stdio::null())
            .output()
            .expect("there is a shell");
        assert!(made.status.success(), "openssl, version 3: {}", String::from_utf8_lossy(&made.stderr));
        Self(path)
    }

    pub(crate) fn of(&self, name: &str) -> Certificates {
        Certificates {
            authority: self.0.join("ca.pem"),
            certificate: self.0.join(format!("{name}.pem")),
            key: self.0.join(format!("{name}.key")),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
