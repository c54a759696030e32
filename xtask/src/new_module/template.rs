//! The files of a new feature, with its name in them.

use std::cmp::Reverse;

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

/// The names of the files in the feature's folder.
pub fn files() -> Vec<&'static str> {
    FEATURE.iter().map(|(file, _)| *file).collect()
}

/// A text of the templates, with the name in it. Read once: the name may have words of the templates in it.
pub fn written(mut text: &str, name: &Name) -> String {
    let mut words = name.written().to_vec();
    words.push(("~uuid~", example_id(name)));
    // `widgets-path` begins with `widgets`, and that with `widget`.
    words.sort_by_key(|(word, _)| Reverse(word.len()));
    let mut written = String::with_capacity(text.len());
    while let Some(letter) = text.chars().next() {
        let found = words.iter().find_map(|(word, form)| Some((text.strip_prefix(word)?, form)));
        if let Some((rest, form)) = found {
            written += form;
            text = rest;
        } else {
            written.push(letter);
            text = &text[letter.len_utf8()..];
        }
    }
    written
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
    fn a_name_with_a_word_of_the_templates_in_it_is_written_once() {
        let name = Name::parse("dashboard_widgets", None).unwrap();
        let line = line(&name);
        assert!(line.contains(" dashboard_widgets::DashboardWidgetsModule = "), "{line}");
        let forms = written("~Widgets~ widgets-path widgetCamelChanged Widget widget ~widget~", &name);
        let wanted = "Dashboard widgets dashboard-widgets dashboardWidgetChanged DashboardWidget dashboard_widget \
                      dashboard widget";
        assert_eq!(forms, wanted);
    }

    #[test]
    fn two_features_show_two_ids() {
        let id = |name| example_id(&Name::parse(name, None).unwrap());
        assert_ne!(id("notes"), id("tags"));
        assert_eq!(id("notes").len(), 36);
    }
}
