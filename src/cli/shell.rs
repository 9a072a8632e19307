//! `pi-mc completions` and `pi-mc man`: describe the command line to a shell and a manual. Each script and page
//! is made in memory first, since their writers panic if they cannot write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Command, ValueEnum};
use clap_complete::{Generator, Shell};
use clap_mangen::Man;

use crate::cli::io::file::Target;
use crate::cli::io::stdout::print_data;

#[derive(clap::Args)]
#[command(after_long_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL", required_unless_present = "all")]
    shell: Option<Shell>,

    /// Write the script of every shell to this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "shell")]
    all: Option<PathBuf>,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  pi-mc completions bash > /usr/share/bash-completion/completions/pi-mc
  pi-mc completions fish > ~/.config/fish/completions/pi-mc.fish
  pi-mc completions --all completions        for bash, zsh, fish and more";

#[derive(clap::Args)]
#[command(after_long_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// The command to print the page of; without it, the page of pi-mc
    #[arg(value_name = "COMMAND", value_parser = COMMANDS)]
    command: Option<String>,

    /// Write the page of pi-mc and of every command to this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    all: Option<PathBuf>,
}

const MAN_EXAMPLES: &str = "\
Examples:
  pi-mc man | man -l -
  pi-mc man > /usr/share/man/man1/pi-mc.1
  pi-mc man compare > /usr/share/man/man1/pi-mc-compare.1
  pi-mc man --all man                        pi-mc.1, pi-mc-compare.1 and more";

/// The commands that have a manual page.
const COMMANDS: [&str; 8] = [
    "compare",
    "dart",
    "explain",
    "learn",
    "merge",
    "verify",
    "completions",
    "man",
];

/// Prints a completion script of `program`, or writes all of them. clap_complete builds `program`, under the script's name.
pub(crate) fn completions(args: &CompletionsArgs, program: Command) -> Result<ExitCode> {
    let script = |shell| script(shell, &program);
    if let Some(folder) = &args.all {
        let shells = Shell::value_variants().iter();
        let scripts = shells.map(|shell| (shell.file_name("pi-mc"), script(*shell).into_bytes()));
        write_all(folder, scripts.collect())?;
    }
    if let Some(shell) = args.shell {
        print_data(&script(shell))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The script of clap_complete, with what it lacks.
fn script(shell: Shell, program: &Command) -> String {
    // With a hyphen in the program's name, bash's script does not find the commands.
    let name = if shell == Shell::Bash {
        "pimc"
    } else {
        "pi-mc"
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program.clone().name(name), name, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => script.replace(" pimc\n", " pi-mc\n"),
        Shell::Fish => script.replace(FISH_ARGPARSE, FISH_TRIES) + &fish_words(program),
        Shell::Zsh => script.replacen(ZSH_ROOT, ZSH_BEFORE_COMMAND, 1),
        _ => script,
    }
}

/// How fish's script looks for a command. It fails while the last option lacks its value, and fish then offers files.
const FISH_ARGPARSE: &str =
    "    argparse -s (__fish_pi_mc_global_optspecs) -- $cmd 2>/dev/null\n    or return\n";

/// How zsh's script completes options: those of pi-mc itself even behind a command, in place of the command's.
const ZSH_ROOT: &str = "    _arguments \"${_arguments_options[@]}\" : \\\n";

/// The same before a command only.
const ZSH_BEFORE_COMMAND: &str = "    _arguments \"${_arguments_options[@]}\" -A \"-*\" : \\\n";

/// [`FISH_ARGPARSE`] without that option.
const FISH_TRIES: &str = "    argparse -s (__fish_pi_mc_global_optspecs) -- $cmd 2>/dev/null
    or begin
        set -e cmd[-1]
        argparse -s (__fish_pi_mc_global_optspecs) -- $cmd 2>/dev/null
    end
    or return
";

/// The values of arguments that are no options, for fish.
fn fish_words(program: &Command) -> String {
    let mut program = program.clone();
    program.build();
    let mut lines = String::new();
    for command in program.get_subcommands() {
        for word in command.get_positionals() {
            let values = word.get_possible_values();
            let values: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
            if !values.is_empty() {
                let name = command.get_name();
                lines += &format!(
                    "complete -c pi-mc -n \"__fish_pi_mc_using_subcommand {name}\" -f -a \"{}\"\n",
                    values.join(" ")
                );
            }
        }
    }
    lines
}

/// Prints the manual page of `program` or of one of its commands, or writes all of them.
pub(crate) fn manual(args: &ManArgs, program: Command) -> Result<ExitCode> {
    let page = |name: Option<&str>| {
        let command = match name {
            None => Some(&program),
            Some(name) => program.find_subcommand(name),
        };
        let man = Man::new(command.context("there is no such command")?.clone());
        let mut page = Vec::new();
        man.render(&mut page)?;
        anyhow::Ok((man.get_filename(), page))
    };
    if let Some(folder) = &args.all {
        let names = [None].into_iter().chain(COMMANDS.map(Some));
        write_all(folder, names.map(page).collect::<Result<_>>()?)?;
    } else {
        let (_, page) = page(args.command.as_deref())?;
        print_data(&String::from_utf8(page)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes files into `folder`, which is made if it does not exist.
fn write_all(folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("could not make the folder '{}'", folder.display()))?;
    for (name, bytes) in files {
        Target::of(&folder.join(name))?.write(&String::from_utf8(bytes)?)?;
    }
    Ok(())
}
