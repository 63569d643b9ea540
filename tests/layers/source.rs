//! The imports of a source file: its code without comments, text and tests, and the paths in that.

/// A path that begins at the root of its crate, in the code of a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Import {
    /// Counted from 1.
    pub(crate) line: usize,
    /// As it is written: `crate` or the crate's name; or `super`, as often as it takes to get to
    /// the root.
    pub(crate) root: String,
    /// The segment after it: a room, or a name that the root exports.
    pub(crate) name: String,
}

/// The code of a file.
pub(crate) struct Code {
    text: Vec<char>,
    /// The modules in files of their own that are compiled for tests only.
    pub(crate) test_modules: Vec<String>,
}

impl Code {
    pub(crate) fn new(source: &str) -> Self {
        let mut code = Self { text: without_comments_and_text(source), test_modules: Vec::new() };
        code.drop_tests();
        code
    }

    /// The imports that begin with one of `roots`, and those by which a module so many levels below
    /// the root climbs to it.
    pub(crate) fn imports(&self, roots: &[&str], depth: usize) -> Vec<Import> {
        let mut imports = Vec::new();
        let mut at = 0;
        while at < self.text.len() {
            let word = self.word(at);
            let end = at + word.len();
            if word == "super" {
                let supers = self.supers(at);
                if supers.len() >= depth {
                    let root = vec!["super"; supers.len()].join("::");
                    self.names(supers[supers.len() - 1], &root, &mut imports);
                }
                at = supers.last().copied().unwrap_or(end);
                continue;
            }
            if roots.contains(&&*word) && self.is_begin_of_path(at) {
                self.names(end, &word, &mut imports);
            }
            at = end.max(at + 1);
        }
        imports
    }

    /// Where each `super` ends that stands here, one after the other, with a `::` after it.
    fn supers(&self, mut at: usize) -> Vec<usize> {
        let mut ends = Vec::new();
        while self.word(at) == "super" {
            let end = at + "super".len();
            let separator = self.skip_space(end);
            if !self.is_path_separator(separator) {
                break;
            }
            ends.push(end);
            at = self.skip_space(separator + 2);
        }
        ends
    }

    /// Whether no path goes on here. `$crate` begins none: expansions name what the root exports.
    fn is_begin_of_path(&self, at: usize) -> bool {
        match &self.text[..at] {
            [.., '$'] => false,
            [.., c, ':', ':'] => !is_name(*c) && *c != '>',
            _ => true,
        }
    }

    /// The names that come after a root which ends here: one, or those of a group.
    fn names(&self, end: usize, root: &str, imports: &mut Vec<Import>) {
        let separator = self.skip_space(end);
        if !self.is_path_separator(separator) {
            return;
        }
        let mut at = self.skip_space(separator + 2);
        let mut import = |at: usize| {
            let name = self.word(at);
            let name = if name.is_empty() { self.text[at].to_string() } else { name };
            let line = 1 + self.text[..at].iter().filter(|c| **c == '\n').count();
            imports.push(Import { line, root: root.into(), name });
        };
        if self.text.get(at) != Some(&'{') {
            return import(at);
        }
        let (mut depth, mut begins) = (0, false);
        while let Some(c) = self.text.get(at) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
            if depth == 1 && matches!(c, '{' | ',') {
                begins = true;
            } else if begins && !c.is_whitespace() && *c != '}' {
                import(at);
                begins = false;
            }
            at += 1;
        }
    }

    /// Replaces what is compiled for tests only by space.
    fn drop_tests(&mut self) {
        let marks: Vec<Vec<char>> =
            ["#[cfg(test)]", "#[cfg(all(test,"].iter().map(|mark| mark.chars().collect()).collect();
        let mut at = 0;
        while at < self.text.len() {
            if !marks.iter().any(|mark| self.text[at..].starts_with(mark)) {
                at += 1;
                continue;
            }
            let begin = at;
            let item = self.skip_space(self.attributes_end(at));
            at = self.item_end(item);
            let text: String = self.text[item..at].iter().collect();
            if let Some(name) = text.strip_prefix("mod ").and_then(|name| name.strip_suffix(';')) {
                self.test_modules.push(name.trim().into());
            }
            blank(&mut self.text[begin..at]);
        }
    }

    /// The end of the attributes that begin here.
    fn attributes_end(&self, mut at: usize) -> usize {
        while self.text.get(at) == Some(&'#') {
            let mut depth = 0;
            while let Some(c) = self.text.get(at) {
                at += 1;
                match c {
                    '[' => depth += 1,
                    ']' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && *c == ']' {
                    break;
                }
            }
            at = self.skip_space(at);
        }
        at
    }

    /// The end of the item, field or statement that begins here.
    fn item_end(&self, mut at: usize) -> usize {
        let (mut depth, mut is_function) = (0, false);
        while let Some(c) = self.text.get(at) {
            is_function |= depth == 0 && self.word(at) == "fn" && !self.before(at).is_some_and(is_name);
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => return at,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 && (matches!(c, ';' | '}') || (*c == ',' && !is_function)) {
                return at;
            }
        }
        at
    }

    fn word(&self, at: usize) -> String {
        if self.before(at).is_some_and(is_name) {
            return String::new();
        }
        self.text[at..].iter().take_while(|c| is_name(**c)).collect()
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text[..at].last().copied()
    }

    fn skip_space(&self, at: usize) -> usize {
        at + self.text[at..].iter().take_while(|c| c.is_whitespace()).count()
    }

    fn is_path_separator(&self, at: usize) -> bool {
        self.text[at..].starts_with(&[':', ':'])
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Puts a space in place of each character: lines stay.
fn blank(text: &mut [char]) {
    text.iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
}

/// The source with a space in place of every character of comments, texts and characters: lines
/// stay.
fn without_comments_and_text(source: &str) -> Vec<char> {
    let text: Vec<char> = source.chars().collect();
    let mut code = text.clone();
    let mut at = 0;
    while at < text.len() {
        let end = skipped_end(&text, at);
        blank(&mut code[at..end]);
        at = end.max(at + 1);
    }
    code
}

/// The end of the comment or text that begins here; `at`, if none does.
fn skipped_end(text: &[char], at: usize) -> usize {
    let rest = &text[at..];
    let find = |from: usize, end: &[char]| {
        let found = text[from..].windows(end.len()).position(|window| window == end);
        found.map_or(text.len(), |found| from + found + end.len())
    };
    let is_within_name = at > 0 && is_name(text[at - 1]);
    match rest {
        ['/', '/', ..] => at + rest.iter().take_while(|c| **c != '\n').count(),
        ['/', '*', ..] => block_comment_end(text, at),
        ['r', '"' | '#', ..] if !is_within_name || matches!(text[at - 1], 'b' | 'c') => {
            let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) != Some(&'"') {
                return at;
            }
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            find(at + 2 + hashes, &end)
        }
        ['"', ..] => quoted_end(text, at, '"'),
        ['\'', '\\', ..] => quoted_end(text, at, '\''),
        // Not a lifetime.
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

fn quoted_end(text: &[char], at: usize, quote: char) -> usize {
    let mut end = at + 1;
    while let Some(c) = text.get(end) {
        end += if *c == '\\' { 2 } else { 1 };
        if *c == quote {
            break;
        }
    }
    end.min(text.len())
}

fn block_comment_end(text: &[char], at: usize) -> usize {
    let (mut depth, mut end) = (0, at);
    while end < text.len() {
        match text[end..] {
            ['/', '*', ..] => (depth, end) = (depth + 1, end + 2),
            ['*', '/', ..] => (depth, end) = (depth - 1, end + 2),
            _ => end += 1,
        }
        if depth == 0 {
            break;
        }
    }
    end
}
