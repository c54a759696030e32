//! The files of a new feature, with its name in them.

use super::name::Name;

macro_rules! feature {
    ($($file:literal),+) => {
        &[$(($file, include_str!(concat!("../../templates/feature/", $file)))),+]
    };
}

/// In the feature's folder.
const FEATURE: &[(&str, &str)] = feature![
    "mod.rs",
    "module.rs",
    "controller.rs",
    "gateway.rs",
    "dto.rs",
    "events.rs",
    "examples.rs",
    "permissions.rs",
    "service.rs",
    "store.rs",
    "entity.rs",
    "error.rs",
    "tests.rs"
];

const MIGRATION: &str = include_str!("../../templates/migration.rs");
const STORY: &str = include_str!("../../templates/story.rs");

/// The name and the text of every file in the feature's folder.
pub fn feature(name: &Name) -> Vec<(&'static str, String)> {
    FEATURE.iter().map(|(file, text)| (*file, written(text, name))).collect()
}

pub fn migration(name: &Name) -> String {
    written(MIGRATION, name)
}

/// A stranger's use of the feature, over REST and a socket: the proof that it works.
pub fn story(name: &Name) -> String {
    written(STORY, name)
}

/// One line of the table of features.
pub fn line(name: &Name) -> String {
    let fields = "db: on.db.clone(), clock: on.clock.clone(), streams: on.streams.clone()";
    written(&format!("    widgets: widgets::WidgetsModule = widgets::WidgetsDeps {{ {fields} }};\n"), name)
}

/// A text of the templates, with the name in it.
pub fn written(text: &str, name: &Name) -> String {
    let mut text = text.to_owned();
    for (word, form) in name.written() {
        text = text.replace(word, &form);
    }
    text.replace("~uuid~", &example_id(name))
}

/// An id for the documents, the same whenever it is made. The others end in a counter; this in the name.
fn example_id(name: &Name) -> String {
    // FNV-1a, 48 bits of it.
    let hash = name.snake().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("01980a1e-7c00-7000-8000-{:012x}", hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_template_is_left() {
        let name = Name::parse("shopping_lists", None).unwrap();
        let mut texts: Vec<String> = feature(&name).into_iter().map(|(_, text)| text).collect();
        texts.extend([migration(&name), story(&name), line(&name)]);
        for text in texts {
            assert!(!text.to_lowercase().contains("widget") && !text.contains('~'), "{text}");
        }
    }

    #[test]
    fn two_features_show_two_ids() {
        let id = |name| example_id(&Name::parse(name, None).unwrap());
        assert_ne!(id("notes"), id("tags"));
        assert_eq!(id("notes").len(), 36);
    }
}
