//! Where Debian's source packages are, derived from where the machine's binary packages are: the
//! same mirror, checked with the same key, so that it works wherever `apt-get install` does.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// An apt source, in deb822 form, for the source packages of Debian's `release`.
pub fn of_release(release: &str) -> Result<String> {
    let codename = codename(&fs::read_to_string("/etc/os-release").context("can't read /etc/os-release")?)
        .context("/etc/os-release names no VERSION_CODENAME")?;
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    files.extend(
        fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path()),
    );
    files.sort();
    let archives: Vec<Archive> = files.iter().flat_map(|file| archives_in(file)).collect();
    let archive =
        distribution(&archives, &codename).context("no apt source offers this system's own packages")?;
    Ok(archive.sources_of(release))
}

#[derive(Debug, Default, PartialEq)]
struct Archive {
    uris: String,
    suites: Vec<String>,
    components: Vec<String>,
    /// A path, or a whole key in the lines of a deb822 field.
    signed_by: Option<String>,
}

impl Archive {
    fn sources_of(&self, release: &str) -> String {
        let key = self.signed_by.as_ref().map(|key| format!("Signed-By: {key}\n")).unwrap_or_default();
        format!("Types: deb-src\nURIs: {}\nSuites: {release}\nComponents: main\n{key}", self.uris)
    }

    /// Vendors name their suites after Debian's too: these are the signs of Debian's own archive.
    fn is_debians(&self) -> bool {
        let key = self.signed_by.as_deref().unwrap_or_default();
        key.contains("debian-archive") || self.uris.trim_end_matches('/').ends_with("/debian")
    }
}

fn distribution<'a>(archives: &'a [Archive], codename: &str) -> Option<&'a Archive> {
    let offers = |archive: &&Archive| {
        archive.suites.iter().any(|suite| suite == codename) && archive.components.iter().any(|c| c == "main")
    };
    archives
        .iter()
        .filter(offers)
        .find(|archive| archive.is_debians())
        .or_else(|| archives.iter().find(offers))
}

fn archives_in(file: &Path) -> Vec<Archive> {
    let text = fs::read_to_string(file).unwrap_or_default();
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("sources") => text.split("\n\n").filter_map(stanza).collect(),
        Some("list") => text.lines().filter_map(line).collect(),
        _ => Vec::new(),
    }
}

/// `deb [signed-by=/path] uri suite component…`
fn line(text: &str) -> Option<Archive> {
    let text = text.split('#').next()?.trim().strip_prefix("deb ")?.trim();
    let (options, rest) = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => ("", text),
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    Some(Archive {
        uris: words.next()?,
        suites: vec![words.next()?],
        components: words.collect(),
        signed_by: options
            .split_whitespace()
            .find_map(|option| option.strip_prefix("signed-by="))
            .map(str::to_owned),
    })
}

/// One paragraph of `Field: value` lines; indented lines continue a value.
fn stanza(text: &str) -> Option<Archive> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let field = |name: &str| {
        let at = lines.iter().position(|line| {
            line.split_once(':')
                .is_some_and(|(key, _)| !key.starts_with([' ', '\t']) && key.eq_ignore_ascii_case(name))
        })?;
        let more = lines[at + 1..].iter().take_while(|line| line.starts_with([' ', '\t']));
        let (_, first) = lines[at].split_once(':')?;
        Some(std::iter::once(first.trim()).chain(more.copied()).collect::<Vec<_>>().join("\n"))
    };
    let words =
        |name| field(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let disabled = field("Enabled").is_some_and(|value| value.eq_ignore_ascii_case("no"));
    (!disabled && words("Types").iter().any(|kind| kind == "deb")).then(|| Archive {
        uris: words("URIs").join(" "),
        suites: words("Suites"),
        components: words("Components"),
        signed_by: field("Signed-By"),
    })
}

fn codename(os_release: &str) -> Option<String> {
    os_release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map(|name| name.trim_matches('"').into())
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
