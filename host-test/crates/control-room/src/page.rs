//! Pages of lists, and the patterns of searches.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// How many items match the search, on all pages together.
    pub total: u64,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self::new(Vec::new(), 0)
    }
}

impl<T> Page<T> {
    /// A page, with a total as `COUNT(*)` gives it.
    pub(crate) fn new(items: Vec<T>, total: i64) -> Self {
        Self {
            items,
            total: total.unsigned_abs(),
        }
    }
}

/// The `LIKE … ESCAPE '!'` pattern of lower-case texts that contain `search`.
pub(crate) fn contains_pattern(search: &str) -> String {
    pattern(&search.to_lowercase())
}

/// The `LIKE … ESCAPE '!'` pattern of texts that contain `search`.
pub(crate) fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for c in search.trim().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_escaped() {
        assert_eq!(contains_pattern(" 50%_Off! "), "%50!%!_off!!%");
        assert_eq!(contains_pattern(""), "%%");
    }
}
