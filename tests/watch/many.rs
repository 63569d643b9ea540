//! Many watched paths take one instance of the system's.

use super::*;

/// How many instances this process has.
fn instances() -> usize {
    let files = fs::read_dir("/proc/self/fd").expect("it can be read").filter_map(Result::ok);
    let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
    targets.filter(|target| target.to_string_lossy() == "anon_inode:inotify").count()
}

#[test]
#[ignore = "run by the test below, alone in its process"]
fn two_hundred_files() {
    let scratch = Scratch::new();
    let paths: Vec<PathBuf> = (0..200).map(|n| scratch.path(&format!("dir{}/file{n}", n % 20))).collect();
    for path in &paths {
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(path, "one").expect("a file");
    }
    let before = instances();
    let (tell, mut told) = unbounded_channel();
    let watchers: Vec<Spawn<()>> = paths
        .iter()
        .map(|path| {
            let (watched, tell) = (Text::from(text(path)), tell.clone());
            spawn!(transition_no_state!(hearer(watched, tell)))
        })
        .collect();
    let boot = move |_| transition_no_state!(watch::driver(), watchers);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(ground::run(boot, async {
        let mut next = async || timeout(TOO_LONG, told.recv()).await.expect("in time").expect("it runs");
        for _ in &paths {
            assert_eq!(next().await, News::Stands);
        }
        assert_eq!(instances() - before, 1);
        for path in &paths {
            fs::write(path, "two").expect("a file");
        }
        let mut modified = std::collections::BTreeSet::new();
        while modified.len() < paths.len() {
            if let News::Change(path, FileChange::Modified) = next().await {
                modified.insert(path);
            }
        }
    }));
    assert_eq!(ended, Ok(()));
    // The thread ends when it is told that nobody watches any more.
    let begin = std::time::Instant::now();
    while instances() > before {
        assert!(begin.elapsed() < TOO_LONG, "it is not given back");
        std::thread::yield_now();
    }
}

#[test]
fn many_files_take_one_instance_which_is_given_back() {
    let status = std::process::Command::new(std::env::current_exe().expect("a test has a file"))
        .args(["--exact", "many::two_hundred_files", "--ignored", "--nocapture"])
        .status()
        .expect("it runs again");
    assert!(status.success());
}
