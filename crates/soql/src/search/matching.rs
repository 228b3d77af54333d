//! Whether texts are what a search asks for, told from the texts themselves.

use headwater_catalogue::SearchClass;

use super::{Search, Term, Word, words};

impl Search {
    /// Whether a record with these texts is found. Exact where an index is not, and slow: for the
    /// few records that an index has let through.
    pub fn finds<'a>(&self, texts: impl IntoIterator<Item = (SearchClass, &'a str)>) -> bool {
        let classes = &self.classes;
        let texts = texts
            .into_iter()
            .filter(|(class, _)| classes.contains(class));
        let runs: Vec<_> = texts
            .flat_map(|(class, text)| words::runs(class, text))
            .collect();
        self.term.fits(&runs)
    }
}

impl Term {
    fn fits(&self, runs: &[Vec<String>]) -> bool {
        match self {
            Self::Phrase(phrase) => runs.iter().any(|run| {
                let mut places = run.windows(phrase.len().max(1));
                places.any(|place| phrase.iter().zip(place).all(|(word, held)| word.fits(held)))
            }),
            Self::And(all) => all.iter().all(|one| one.fits(runs)),
            Self::Or(all) => all.iter().any(|one| one.fits(runs)),
            Self::Not(one) => !one.fits(runs),
        }
    }
}

impl Word {
    fn fits(&self, held: &str) -> bool {
        match self {
            Self::Whole(text) => held == text,
            Self::Beginning(text) => held.starts_with(&**text),
            Self::Pattern(pattern) => {
                let pattern: Vec<char> = pattern.chars().collect();
                let held: Vec<char> = held.chars().collect();
                matches(&pattern, &held)
            }
        }
    }
}

/// Goes back to the last `*` only, so the time is at most the product of the two lengths.
fn matches(pattern: &[char], held: &[char]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while place < held.len() {
        match pattern.get(at) {
            Some('*') => {
                last_run = Some((at + 1, place));
                at += 1;
                continue;
            }
            Some(wanted) if *wanted == '?' || *wanted == held[place] => {
                at += 1;
                place += 1;
                continue;
            }
            Some(_) | None => {}
        }
        let Some((after, from)) = &mut last_run else {
            return false;
        };
        *from += 1;
        (at, place) = (*after, *from);
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, held: &str) -> bool {
        Word::Pattern(pattern.to_owned()).fits(held)
    }

    #[test]
    fn wildcards_stand_for_what_they_say() {
        assert!(fits("jo*n", "john") && fits("jo*n", "jon") && fits("jo*n", "jonathan"));
        assert!(!fits("jo*n", "johns"));
        assert!(fits("j?n", "jan") && !fits("j?n", "jn") && !fits("j?n", "joan"));
        assert!(fits("a*b*c*", "axxbyyc") && !fits("a*b*c", "acb"));
    }

    #[test]
    fn a_phrase_is_found_within_one_field_only() {
        let phrase = ["ann", "lee"].map(|word| Word::Whole(word.to_owned()));
        let search = Search {
            term: Term::Phrase(phrase.to_vec()),
            classes: vec![SearchClass::Name],
            exact: None,
        };
        assert!(search.finds([(SearchClass::Name, "Mrs. Ann Lee")]));
        assert!(!search.finds([(SearchClass::Name, "Ann"), (SearchClass::Name, "Lee")]));
        assert!(!search.finds([(SearchClass::Other, "Ann Lee")]));
    }
}
