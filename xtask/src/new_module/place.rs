//! Where a new feature goes: its folder, its migration, and the two lines that make it known.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{name::Name, template, words};

/// The list of the features' folders.
const FOLDERS: &str = "src/modules/mod.rs";
/// The table of what is built.
const TABLE: &str = "src/app/modules.rs";

/// A place where nobody is yet.
pub struct Place<'a> {
    root: &'a Path,
    name: &'a Name,
    folders: String,
    table: String,
    folder: PathBuf,
    migration: PathBuf,
}

impl<'a> Place<'a> {
    /// Looks whether the name is free: as a folder, a table, and in the API.
    pub fn find(root: &'a Path, name: &'a Name) -> Result<Self> {
        let snake = name.snake();
        let folder = root.join("src/modules").join(&snake);
        if folder.exists() {
            bail!("there is a module `{snake}` already; choose another name");
        }
        let migrations = Migrations::read(root)?;
        if migrations.text.contains(&format!("table(\"{snake}\")")) {
            bail!("there is a table `{snake}` already; choose another name");
        }
        if let Some(taken) = taken(root, name)? {
            bail!("the API has {taken} already; choose another name");
        }
        let id = name.id();
        if names(&root.join("src/wire"), &id)? {
            bail!("there is a `{id}` in src/wire already; {}", words::say(&snake, "another name for one"));
        }
        let number = migrations.last + 1;
        Ok(Self {
            root,
            name,
            folders: listed(&read(root, FOLDERS)?, &snake)?,
            table: tabled(&read(root, TABLE)?, &template::line(name))?,
            folder,
            migration: root.join(format!("migrations/src/m{number:04}_{snake}.rs")),
        })
    }

    /// What isn't there yet.
    pub fn made(&self) -> Vec<PathBuf> {
        vec![self.folder.clone(), self.migration.clone()]
    }

    /// What gets one more line.
    pub fn changed(&self) -> Vec<PathBuf> {
        [FOLDERS, TABLE].map(|file| self.root.join(file)).to_vec()
    }

    /// Writes it all; returns the new files that rustfmt begins from.
    pub fn write(self) -> Result<Vec<PathBuf>> {
        let folder = self.folder;
        fs::create_dir(&folder).with_context(|| format!("can't make {}", folder.display()))?;
        for (file, text) in template::feature(self.name) {
            fs::write(folder.join(file), text)?;
        }
        fs::write(&self.migration, template::migration(self.name))?;
        fs::write(self.root.join(FOLDERS), self.folders)?;
        fs::write(self.root.join(TABLE), self.table)?;
        Ok(vec![folder.join("mod.rs"), self.migration])
    }
}

/// The migrations that there are.
struct Migrations {
    last: u32,
    text: String,
}

impl Migrations {
    fn read(root: &Path) -> Result<Self> {
        let (mut last, mut text) = (0, String::new());
        for entry in fs::read_dir(root.join("migrations/src"))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let number = name.strip_prefix('m').and_then(|rest| rest.split('_').next()?.parse().ok());
            last = last.max(number.unwrap_or(0));
            text += &fs::read_to_string(&path)?;
        }
        Ok(Self { last, text })
    }
}

/// A word of the API that the feature would use a second time.
fn taken(root: &Path, name: &Name) -> Result<Option<String>> {
    let words = [
        "Widget",
        "NewWidget",
        "WidgetEdit",
        "WidgetChange",
        "listWidgets",
        "getWidget",
        "createWidget",
        "editWidget",
        "deleteWidget",
        "followWidgets",
        "unfollowWidgets",
        "widgetCamelChanged",
        "/api/v1/widgets-path",
    ];
    let documents = read(root, "openapi/openapi.json")? + &read(root, "openapi/asyncapi.json")?;
    let spelled = words.map(|word| template::written(word, name));
    Ok(spelled.into_iter().find(|word| documents.contains(&format!("\"{word}\""))))
}

/// Whether a file in the folder has the word in it.
fn names(folder: &Path, word: &str) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        if text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|found| found == word) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The list of folders with one more, in the order of the alphabet.
fn listed(text: &str, snake: &str) -> Result<String> {
    let line = format!("pub mod {snake};");
    let mut lines: Vec<&str> = text.lines().collect();
    let is_folder = |other: &&str| other.starts_with("pub mod ");
    let Some(last) = lines.iter().rposition(is_folder) else {
        bail!("{FOLDERS} has no line that begins with `pub mod`");
    };
    let place = lines.iter().position(|other| is_folder(other) && *other > line.as_str());
    lines.insert(place.unwrap_or(last + 1), &line);
    Ok(lines.join("\n") + "\n")
}

/// The table with one more line at its end.
fn tabled(text: &str, line: &str) -> Result<String> {
    let begin = text.find("\nmodules! {");
    let end = begin.and_then(|begin| Some(begin + text[begin..].find("\n}\n")? + 1));
    let Some(end) = end else { bail!("{TABLE} has no table that begins with `modules! {{`") };
    Ok(format!("{}{line}{}", &text[..end], &text[end..]))
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("can't read {file}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    fn refusal(many: &str, one: Option<&str>) -> String {
        let name = Name::parse(many, one).unwrap();
        Place::find(workspace::root(), &name).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn a_name_that_is_used_is_refused() {
        assert!(refusal("posts", None).contains("a module `posts`"));
        assert!(refusal("streams", None).contains("a table `streams`"));
        assert!(refusal("members", None).contains("the API has Member"));
    }

    #[test]
    fn an_id_that_everybody_uses_is_refused() {
        let error = refusal("videos", Some("stream"));
        assert!(error.contains("`StreamId` in src/wire"), "{error}");
        assert!(
            error.ends_with("say another name for one: `cargo xtask new-module videos <one>`"),
            "{error}"
        );
        let id = Name::parse("videos", None).unwrap();
        assert!(Place::find(workspace::root(), &id).is_ok());
    }

    #[test]
    fn the_list_stays_sorted() {
        let text = "//! Features.\n\npub mod auth;\npub mod users;\n";
        assert_eq!(
            listed(text, "notes").unwrap(),
            "//! Features.\n\npub mod auth;\npub mod notes;\npub mod users;\n"
        );
        assert!(listed(text, "votes").unwrap().ends_with("pub mod users;\npub mod votes;\n"));
        assert!(listed("// nothing\n", "notes").is_err());
    }

    #[test]
    fn the_table_gets_its_line_at_the_end() {
        let text = "use x;\n\nmodules! { |on|\n    a: A = B { c };\n}\n\nfn after() {\n}\n";
        let wanted = "use x;\n\nmodules! { |on|\n    a: A = B { c };\n    new;\n}\n\nfn after() {\n}\n";
        assert_eq!(tabled(text, "    new;\n").unwrap(), wanted);
        assert!(tabled("fn no_table() {}\n", "x").is_err());
    }
}
