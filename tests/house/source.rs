//! The files that rules look at: of the project, or planted by a test.

use std::cell::OnceCell;

use super::names::Names;

/// One text file.
pub struct Source {
    /// From the project's root, with slashes.
    pub path: String,
    pub text: String,
    rust: OnceCell<Rust>,
}

/// A Rust file, taken apart.
pub struct Rust {
    pub names: Names,
    pub items: Vec<syn::Item>,
    /// Of the file itself: its `//!` lines.
    pub introduction: String,
}

/// All of them.
pub struct Sources(Vec<Source>);

impl Source {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), rust: OnceCell::new() }
    }

    /// # Panics
    /// When it isn't Rust; whoever compiles it says so better.
    pub fn rust(&self) -> &Rust {
        self.rust.get_or_init(|| {
            let file = syn::parse_file(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path));
            let tokens = self.text.parse().unwrap_or_else(|error| panic!("{}: {error}", self.path));
            let names = Names::read(&self.scope(), self.is_test(), tokens);
            Rust { names, introduction: introduction(&self.text), items: file.items }
        })
    }

    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The room that it is in: `wire` for `src/wire/id.rs`; none for `src/main.rs` and what isn't in `src`.
    pub fn room(&self) -> Option<&str> {
        let room = self.path.strip_prefix("src/")?.split('/').next()?.trim_end_matches(".rs");
        (!matches!(room, "lib" | "main")).then_some(room)
    }

    /// The feature that it belongs to, and its path in that feature's folder.
    pub fn feature(&self) -> Option<(&str, &str)> {
        self.path.strip_prefix("src/modules/")?.split_once('/')
    }

    /// Which of a feature's files it is: `service` for `service.rs` and for all of `service/`.
    pub fn role(&self) -> Option<&str> {
        let (_, rest) = self.feature()?;
        Some(rest.split('/').next()?.trim_end_matches(".rs"))
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs")
    }

    /// Its module's path: `["crate", "wire", "id"]`. Only `src/` is `crate` here.
    fn scope(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs");
        let mut scope: Vec<String> = path.split('/').map(str::to_owned).collect();
        if scope[0] == "src" {
            scope[0] = "crate".into();
        }
        scope.pop_if(|last| matches!(last.as_str(), "mod" | "lib"));
        scope
    }
}

impl Sources {
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Self {
        Self(sources.into_iter().collect())
    }

    pub fn all(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The Rust of the whole project, tests included.
    pub fn rust(&self) -> impl Iterator<Item = &Source> {
        self.all().filter(|source| source.path.ends_with(".rs"))
    }

    /// The program's Rust.
    pub fn program(&self) -> impl Iterator<Item = &Source> {
        self.rust().filter(|source| source.path.starts_with("src/"))
    }

    pub fn find(&self, path: &str) -> Option<&Source> {
        self.all().find(|source| source.path == path)
    }
}

fn introduction(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}
