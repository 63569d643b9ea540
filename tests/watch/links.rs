//! A watch is of a path: whatever changes what it leads to is told, by whatever links it leads
//! there.

use std::os::unix::fs::symlink;

use super::*;

/// Switches a link as an installation does it: the new one is made beside the old one, and takes
/// its place.
fn switch(link: &Path, target: impl AsRef<Path>) {
    let new = link.with_file_name("new-link");
    symlink(target, &new).expect("a link");
    fs::rename(&new, link).expect("it takes its place");
}

/// Directories with these names, with a file in each that says which it is.
fn releases(scratch: &Scratch, names: &[&str]) {
    for name in names {
        fs::create_dir(scratch.path(name)).expect("a directory");
        fs::write(scratch.path(name).join("file"), name).expect("a file");
    }
}

impl Inbox {
    /// Waits until this has become of a path, and nothing else before.
    async fn hears_next(&mut self, path: &Path, change: FileChange) {
        assert_eq!(self.next().await, News::Change(text(path), change));
    }

    /// The watch ends, with a reason of this kind.
    async fn goes(&mut self, kind: &str) {
        let News::Gone(Reason::Value(why)) = self.next().await else { panic!("it goes, with a reason") };
        assert_eq!(WatchFailure::from_value(&why).expect("why").kind.as_str(), kind);
    }
}

#[test]
fn the_target_of_a_watched_link_is_written() {
    let scratch = Scratch::new();
    releases(&scratch, &["elsewhere"]);
    let link = scratch.path("link");
    for target in ["elsewhere/file".into(), scratch.path("elsewhere/file")] {
        switch(&link, target);
        watching(&link, async |inbox| {
            inbox.stands().await;
            fs::write(scratch.path("elsewhere/file"), "two").expect("a file");
            inbox.hears(&link, FileChange::Modified).await;
            fs::remove_file(scratch.path("elsewhere/file")).expect("it is there");
            inbox.hears(&link, FileChange::Removed).await;
            fs::write(scratch.path("elsewhere/file"), "three").expect("a file");
            inbox.hears(&link, FileChange::Created).await;
        });
    }
}

#[test]
fn a_watched_link_is_switched() {
    let scratch = Scratch::new();
    releases(&scratch, &["v1", "v2"]);
    let link = scratch.path("link");
    switch(&link, "v1/file");
    watching(&link, async |inbox| {
        inbox.stands().await;
        switch(&link, "v2/file");
        inbox.hears_next(&link, FileChange::Created).await;
        fs::write(scratch.path("v2/file"), "written").expect("a file");
        inbox.hears_next(&link, FileChange::Modified).await;
        fs::remove_file(&link).expect("it is there");
        inbox.hears(&link, FileChange::Removed).await;
        symlink("nowhere", &link).expect("a link");
        switch(&link, "v1/file");
        inbox.hears_next(&link, FileChange::Created).await;
        switch(&link, "nowhere");
        inbox.hears_next(&link, FileChange::Removed).await;
    });
}

#[test]
fn a_release_is_switched_on_the_way_to_a_file() {
    let scratch = Scratch::new();
    releases(&scratch, &["v1", "v2"]);
    let (current, file) = (scratch.path("current"), scratch.path("current/file"));
    switch(&current, "v1");
    watching(&file, async |inbox| {
        inbox.stands().await;
        for version in ["v2", "v1", "v2"] {
            switch(&current, version);
            inbox.hears_next(&file, FileChange::Created).await;
        }
        // The old one is nobody's concern any more.
        fs::remove_dir_all(scratch.path("v1")).expect("it is there");
        fs::write(scratch.path("v2/file"), "written").expect("a file");
        inbox.hears_next(&file, FileChange::Modified).await;
    });
}

#[test]
fn a_release_is_switched_on_the_way_to_a_directory() {
    let scratch = Scratch::new();
    releases(&scratch, &["v1", "v2"]);
    let current = scratch.path("current");
    switch(&current, "v1");
    watching(&current, async |inbox| {
        inbox.stands().await;
        switch(&current, scratch.path("v2"));
        inbox.hears_next(&current, FileChange::Created).await;
        fs::write(scratch.path("v1/new"), "").expect("a file");
        fs::write(scratch.path("v2/new"), "").expect("a file");
        inbox.hears_next(&current.join("new"), FileChange::Created).await;
        fs::remove_file(&current).expect("it is there");
        inbox.hears(&current, FileChange::Removed).await;
        switch(&current, "v1");
        inbox.hears_next(&current, FileChange::Created).await;
        fs::remove_file(scratch.path("v1/new")).expect("it is there");
        inbox.hears_next(&current.join("new"), FileChange::Removed).await;
    });
}

#[test]
fn settings_are_updated_by_a_link_of_links() {
    // As a ConfigMap is mounted: `key` leads by `..data` to a directory with a name of its own.
    let scratch = Scratch::new();
    releases(&scratch, &["..1", "..2", "..3"]);
    let (data, key) = (scratch.path("..data"), scratch.path("key"));
    switch(&data, "..1");
    symlink("..data/file", &key).expect("a link");
    watching(&key, async |inbox| {
        inbox.stands().await;
        for (old, new) in [("..1", "..2"), ("..2", "..3")] {
            switch(&data, new);
            fs::remove_dir_all(scratch.path(old)).expect("it is there");
            inbox.hears_next(&key, FileChange::Created).await;
        }
    });
}

#[test]
fn a_link_on_the_way_that_is_removed_may_come_again() {
    let scratch = Scratch::new();
    releases(&scratch, &["v1", "v2"]);
    let (current, file) = (scratch.path("current"), scratch.path("current/file"));
    switch(&current, "v1");
    watching(&file, async |inbox| {
        inbox.stands().await;
        fs::remove_file(&current).expect("it is there");
        inbox.hears_next(&file, FileChange::Removed).await;
        symlink("v2", &current).expect("a link");
        inbox.hears_next(&file, FileChange::Created).await;
    });
}

#[test]
fn a_directory_on_the_way_is_renamed_and_another_takes_its_place() {
    let scratch = Scratch::new();
    releases(&scratch, &["new"]);
    fs::create_dir(scratch.path("way")).expect("a directory");
    fs::rename(scratch.path("new"), scratch.path("way/dir")).expect("it is there");
    let file = scratch.path("way/dir/file");
    watching(&file, async |inbox| {
        inbox.stands().await;
        fs::rename(scratch.path("way"), scratch.path("old")).expect("it is there");
        inbox.hears_next(&file, FileChange::Removed).await;
        inbox.goes("NotFound").await;
    });
    watching(&scratch.path("old/dir"), async |inbox| {
        inbox.stands().await;
        fs::rename(scratch.path("old"), scratch.path("older")).expect("it is there");
        inbox.hears_next(&scratch.path("old/dir"), FileChange::Removed).await;
        assert_eq!(inbox.next().await, News::Gone(Reason::Normal));
    });
}

#[test]
fn the_directory_of_a_links_target_is_removed() {
    let scratch = Scratch::new();
    releases(&scratch, &["v1"]);
    let (current, file) = (scratch.path("current"), scratch.path("current/file"));
    switch(&current, "v1");
    watching(&file, async |inbox| {
        inbox.stands().await;
        fs::remove_dir_all(scratch.path("v1")).expect("it is there");
        inbox.hears_next(&file, FileChange::Removed).await;
        inbox.goes("NotFound").await;
    });
}

#[test]
fn a_file_gives_way_to_a_directory_and_comes_back() {
    let scratch = Scratch::new();
    let path = scratch.path("path");
    fs::write(&path, "one").expect("a file");
    watching(&path, async |inbox| {
        inbox.stands().await;
        fs::remove_file(&path).expect("it is there");
        inbox.hears(&path, FileChange::Removed).await;
        fs::create_dir(&path).expect("a directory");
        inbox.hears_next(&path, FileChange::Created).await;
        fs::write(path.join("new"), "").expect("a file");
        inbox.hears_next(&path.join("new"), FileChange::Created).await;
    });
}

#[test]
fn two_ways_to_one_file_are_told_by_their_own_paths() {
    let scratch = Scratch::new();
    releases(&scratch, &["v1"]);
    let roundabout = scratch.path("v1/../v1/./file");
    watching(&roundabout, async |inbox| {
        inbox.stands().await;
        fs::write(scratch.path("v1/file"), "two").expect("a file");
        inbox.hears(&roundabout, FileChange::Modified).await;
    });
}

#[test]
fn links_that_lead_to_each_other_are_refused() {
    let scratch = Scratch::new();
    let (one, two) = (scratch.path("one"), scratch.path("two"));
    symlink(&two, &one).expect("a link");
    symlink(&one, &two).expect("a link");
    watching(&one, async |inbox| {
        let News::Gone(Reason::Refused(why)) = inbox.next().await else { panic!("it is refused") };
        assert_eq!(WatchFailure::from_value(&why).expect("why").kind.as_str(), "FilesystemLoop");
    });
    fs::remove_file(&one).expect("it is there");
    fs::write(&one, "a file").expect("a file");
    watching(&two, async |inbox| {
        inbox.stands().await;
        switch(&one, &two);
        inbox.goes("FilesystemLoop").await;
    });
}
