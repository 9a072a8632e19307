//! The source's own rules: imports go down from room to room, no files import each other in a circle,
//! and `unsafe` and the command line's crates stay in their rooms. The test reads the paths that start
//! with `crate::`, so a file imports from the file that defines a name, and never through `super::`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::program::not_tested;

/// Rooms from the bottom up. A room may import from the floors below its own.
const FLOORS: [&[&str]; 10] = [
    &["error", "printable"],
    &["darts"],
    &["kernel", "lazy"],
    &["engine"],
    &["result"],
    &["verify", "compare"],
    &["report"],
    &["cli"],
    &["lib"],
    &["main"],
];

/// A file's path below `src`, and its code without comments and unit tests.
type Sources = BTreeMap<String, String>;

fn sources() -> Sources {
    let mut sources = Sources::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read(&root, "", &mut sources);
    assert!(sources.len() > 90, "{} files", sources.len());
    sources
}

fn read(folder: &Path, prefix: &str, sources: &mut Sources) {
    let comment = Regex::new(r"(?m)^\s*//.*$|[ \t]//.*$").unwrap();
    let tests = Regex::new(r"(?s)#\[cfg\(test\)\]\nmod tests \{.*?\n\}\n").unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap().replace('\r', "");
            let code = tests.replace_all(&text, "");
            sources.insert(name, comment.replace_all(&code, "").into_owned());
        }
    }
}

/// The file that defines `path`, such as `darts::plan::Plan`: its longest part that is a module.
fn file_of(path: &str, sources: &Sources) -> String {
    let names: Vec<&str> = path.split("::").collect();
    (1..=names.len())
        .rev()
        .map(|length| names[..length].join("/"))
        .flat_map(|module| [format!("{module}.rs"), format!("{module}/mod.rs")])
        .find(|file| sources.contains_key(file))
        .unwrap_or("lib.rs".into())
}

/// The paths in `code` that start with `crate::`, without it and with braces expanded.
fn paths(code: &str) -> Vec<String> {
    let path = Regex::new(r"\bcrate::((?:\w+::)*)(?:(\w+)|\{)").unwrap();
    let mut paths = Vec::new();
    for found in path.captures_iter(code) {
        if let Some(name) = found.get(2) {
            paths.push(format!("{}{}", &found[1], name.as_str()));
            continue;
        }
        // Each name in the braces, with the names of the braces around it.
        let mut around = vec![found[1].to_owned()];
        let mut name = String::new();
        for letter in code[found.get(0).unwrap().end()..].chars() {
            // Without ` as other`.
            let full = format!("{}{}", around.last().unwrap(), first_word(&name));
            match letter {
                '{' => around.push(full),
                ',' | '}' if !name.trim().is_empty() => paths.push(full),
                ',' | '}' => {}
                _ => name.push(letter),
            }
            if "{,}".contains(letter) {
                name.clear();
            }
            if letter == '}' {
                around.pop();
                if around.is_empty() {
                    break;
                }
            }
        }
    }
    paths
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// For each file, the files it imports from.
fn imports(sources: &Sources) -> BTreeMap<String, BTreeSet<String>> {
    let reexport = Regex::new(r"(?m)^ *(?:pub(?:\(crate\))? )?use (\w+)::").unwrap();
    let mut imports = BTreeMap::new();
    for (file, code) in sources {
        let mut from: BTreeSet<_> = paths(code)
            .iter()
            .map(|path| file_of(path, sources))
            .collect();
        // A folder's mod.rs may name its children without `crate::`.
        if let Some(folder) = file.strip_suffix("mod.rs") {
            for found in reexport.captures_iter(code) {
                let child = format!("{folder}{}", &found[1]);
                from.extend([format!("{child}.rs"), format!("{child}/mod.rs")]);
            }
        }
        from.retain(|other| other != file && sources.contains_key(other));
        imports.insert(file.clone(), from);
    }
    imports
}

/// The floor of a file's room, from 0 at the bottom.
fn floor(file: &str) -> usize {
    let room = room(file);
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| panic!("{file} is in no room"))
}

fn room(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn imports_go_down() {
    let sources = sources();
    let mut up = Vec::new();
    for (file, others) in imports(&sources) {
        for other in others {
            if room(&file) != room(&other) && floor(&file) <= floor(&other) {
                up.push(format!("{file} imports from {other}"));
            }
        }
        if sources[&file]
            .replace("use super::*", "")
            .contains("super::")
        {
            up.push(format!("{file} imports through super::"));
        }
    }
    none(&up, "imports that go up");
}

/// Whether `file` imports `goal`, directly or through other files.
fn reaches(file: &str, goal: &str, imports: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![file];
    while let Some(next) = ahead.pop() {
        if next == goal {
            return true;
        }
        if seen.insert(next) {
            ahead.extend(imports[next].iter().map(String::as_str));
        }
    }
    false
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports(&sources());
    let mut circles = Vec::new();
    for (file, others) in &imports {
        let back: Vec<_> = others
            .iter()
            .filter(|other| reaches(other, file, &imports))
            .collect();
        if !back.is_empty() {
            circles.push(format!("{file} imports from {back:?}"));
        }
    }
    none(&circles, "files that import each other in a circle");
}

#[test]
fn unsafe_code_and_the_command_line_stay_in_their_rooms() {
    let unsafe_word = Regex::new(r"\bunsafe\b").unwrap();
    let command_line = Regex::new(r"\b(?:clap\w*|anyhow)(?:::|!)").unwrap();
    let mut found = Vec::new();
    for (file, code) in sources() {
        let may_be_unsafe = ["kernel/", "engine/", "cli/io/"].map(|room| file.starts_with(room));
        if unsafe_word.is_match(&code) && !may_be_unsafe.contains(&true) {
            found.push(format!("{file} has unsafe code"));
        }
        if command_line.is_match(&code) && !file.starts_with("cli/") {
            found.push(format!("{file} uses the command line's crates"));
        }
    }
    none(&found, "code outside its room");
}

#[test]
fn files_are_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut long = Vec::new();
    for file in sources().into_keys() {
        let lines = fs::read_to_string(root.join(&file))
            .unwrap()
            .lines()
            .count();
        if lines > 400 {
            long.push(format!("{file}: {lines} lines"));
        }
    }
    none(&long, "files of more than 400 lines");
}

/// Lints require that what is `pub` can be reached from outside. After a change on purpose, put the list that
/// the test prints into tests/public.txt.
#[test]
fn public_names_change_only_on_purpose() {
    let item = Regex::new(r"(?m)^pub (?:fn|struct|enum|const|trait|type) (\w+)").unwrap();
    let gated = Regex::new(r#"#\[cfg\(feature = "internals"\)\]\npub mod (\w+);"#).unwrap();
    let sources = sources();
    // The names of a module that is public only for the suite, unless its parent re-exports them.
    let is_hidden = |file: &str, name: &str| {
        let (folder, module) = file.trim_end_matches(".rs").rsplit_once('/')?;
        let parent = sources.get(&format!("{folder}/mod.rs"))?;
        let gate = "#[cfg(feature = \"internals\")]\n";
        let is_gated = gated.captures_iter(parent).any(|found| &found[1] == module)
            || parent.contains(&format!("{gate}pub use {module}::"));
        let for_all = parent.replace(&format!("{gate}pub use"), "");
        let reexport =
            format!(r"pub use (?:self::|crate::(?:\w+::)*)?{module}::(?:\{{[^}}]*)?\b{name}\b");
        Some(is_gated && !Regex::new(&reexport).unwrap().is_match(&for_all))
    };
    let is_public = |file: &str| {
        let is_hook = file.ends_with("hooks.rs") || file == "lazy/binomial.rs";
        !is_hook && !file.starts_with("cli/")
    };
    let mut names = String::new();
    for (file, code) in &sources {
        for found in item.captures_iter(code).filter(|_| is_public(file)) {
            if is_hidden(file, &found[1]) != Some(true) {
                names += &format!("{} {}\n", file.trim_end_matches(".rs"), &found[1]);
            }
        }
    }
    let expected = include_str!("../public.txt").replace('\r', "");
    assert!(names == expected, "{names}");
}

/// docs/house.md names files by their path below `src`.
#[test]
fn the_page_names_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/house.md")).unwrap();
    let code = Regex::new(
        r"`(cli|report|compare|verify|result|engine|lazy|kernel|darts)(/[\w/]+(\.rs)?)?`",
    )
    .unwrap();
    let named: Vec<&str> = code.find_iter(&page).map(|found| found.as_str()).collect();
    assert!(named.len() > 20, "{named:?}");
    for path in named {
        let path = path.trim_matches('`');
        assert!(root.join("src").join(path).exists(), "{path}");
    }
}

/// docs/house.svg has every arrow between two folders, and no other.
#[test]
fn the_picture_shows_the_imports() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("docs/house.py");
    // The machines that build and test have it; other people's may not.
    if let Ok(output) = std::process::Command::new("python3").arg(script).output() {
        let drawn = String::from_utf8(output.stdout).unwrap().replace('\r', "");
        let kept = fs::read_to_string(root.join("docs/house.svg")).unwrap();
        let kept = kept.replace('\r', "");
        assert_eq!(drawn, kept, "docs/house.py > docs/house.svg");
    } else {
        not_tested("docs/house.svg, since python3 does not start");
    }
}
