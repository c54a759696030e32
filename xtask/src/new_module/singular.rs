//! What one of many is called, where English leaves no doubt.

/// Endings whose one may be written in more than one way: `movies` and `stories`, `houses` and `buses`.
const DOUBTFUL: [&str; 9] = ["ies", "ves", "ses", "xes", "zes", "ches", "oes", "ices", "eaus"];

/// Plurals that end so have their one without the `es`, whatever stands before it.
const WITH_ES: [&str; 2] = ["sses", "shes"];

/// Words that end like a plural, and aren't the plain plural of anything.
const NOT_MANY: &str = "alias analytics atlas bias canvas chaos christmas cosmos economics electronics ethics gas goods \
    lens logistics mathematics news pants physics politics premises robotics scissors statistics thanks yes";

/// Nothing where it has to be said.
pub fn of(many: &str) -> Option<String> {
    let last = many.rsplit('_').next()?;
    if NOT_MANY.split_whitespace().any(|word| word == last) {
        return None;
    }
    if WITH_ES.iter().any(|ending| last.ends_with(ending)) {
        return Some(many.strip_suffix("es")?.to_owned());
    }
    if DOUBTFUL.iter().any(|ending| last.ends_with(ending)) {
        return None;
    }
    let rest = last.strip_suffix('s').filter(|rest| rest.len() > 1 && !rest.ends_with(['s', 'u', 'i']))?;
    Some(many[..many.len() - last.len()].to_owned() + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_is_found_by_the_plain_rules() {
        for (many, one) in [
            ("notes", "note"),
            ("shopping_lists", "shopping_list"),
            ("messages", "message"),
            ("topics", "topic"),
            ("ideas", "idea"),
            ("addresses", "address"),
            ("wishes", "wish"),
            ("news_items", "news_item"),
        ] {
            assert_eq!(of(many).as_deref(), Some(one));
        }
    }

    #[test]
    fn what_could_be_two_words_or_none_isnt_guessed() {
        for many in [
            "data",
            "people",
            "status",
            "analysis",
            "access",
            "cs",
            "news",
            "daily_news",
            "series",
            "lens",
            "movies",
            "cookies",
            "categories",
            "houses",
            "buses",
            "statuses",
            "wolves",
            "olives",
            "taxes",
            "axes",
            "caches",
            "branches",
            "heroes",
            "shoes",
            "sizes",
            "quizzes",
            "indices",
            "my_as",
        ] {
            assert_eq!(of(many), None, "{many}");
        }
    }
}
