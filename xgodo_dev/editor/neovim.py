"""Neovim: commands and `:make`, in the `.nvim.lua` that it reads with `exrc` set, once that is trusted."""

from __future__ import annotations

import json

from xgodo_dev.editor.file import EditorFile
from xgodo_dev.editor.matching import ERROR_FORMAT
from xgodo_dev.editor.place import Place
from xgodo_dev.editor.text_file import Block

_LUA = """\
do
  -- Versions that read this file from the current folder only don't tell its name.
  local source = debug.getinfo(1, "S").source
  local here = vim.fn.getcwd()
  if source:sub(1, 1) == "@" then
    here = vim.fs.dirname(vim.fn.fnamemodify(source:sub(2), ":p"))
  end
  local root = here .. {below}
  local function command(name, arguments)
    vim.api.nvim_create_user_command({prefix} .. name, function(given)
      local line = {{ "xgodo-dev", "-C", root }}
      vim.list_extend(line, arguments)
      vim.list_extend(line, given.fargs)
      vim.cmd("botright 12new")
      if vim.fn.has("nvim-0.11") == 1 then
        vim.fn.jobstart(line, {{ term = true }})
      else
        vim.fn.termopen(line)
      end
    end, {{ nargs = "*", desc = "xgodo-dev " .. table.concat(arguments, " ") }})
  end
  command("Watch", {{ "watch" }})
  command("Run", {{ "run" }})
  command("Push", {{ "push" }})
  -- Into the quickfix list, whatever the current folder is.
  vim.api.nvim_create_user_command({prefix} .. "Check", function()
    local line = {{ "xgodo-dev", "-C", root, "--json", "check" }}
    vim.system(line, {{ text = true }}, vim.schedule_wrap(function(done)
      local read, found = pcall(vim.json.decode, done.stdout)
      if not read or not found.errors then
        vim.notify(read and found.error and found.error.message or done.stderr, vim.log.levels.ERROR)
        return
      end
      local items = {{}}
      for _, each in ipairs(found.errors) do
        local file = each.file ~= vim.NIL and each.file or nil
        table.insert(items, {{
          filename = file and (root .. "/" .. file),
          lnum = each.line,
          col = each.column,
          type = "E",
          text = each.code .. ": " .. each.message,
        }})
      end
      vim.fn.setqflist({{}}, " ", {{ title = "xgodo-dev check", items = items }})
      vim.notify("xgodo-dev check: " .. (#items == 0 and "no errors" or #items .. " found"))
      vim.cmd("cwindow")
    end))
  end, {{ desc = "xgodo-dev check" }})
{make}end
"""
_MAKE = """\
  vim.o.makeprg = "xgodo-dev check"
  vim.o.errorformat = {error_format}
"""


def files(place: Place) -> list[EditorFile]:
    """Its files."""
    name = "".join(part.capitalize() for part in place.slug("").split("-"))
    # The paths that `check` prints start from the project, and `:make` takes them from the current folder.
    make = "" if place.below else _MAKE.format(error_format=_quoted(",".join(ERROR_FORMAT)))
    below = f"/{place.below}" if place.below else ""
    text = _LUA.format(below=_quoted(below), prefix=_quoted(_letters(name)), make=make)
    return [Block(".nvim.lua", place.slug("commands"), text)]


def _quoted(text: str) -> str:
    # Lua has no escapes of Unicode as JSON writes them, and needs none.
    return json.dumps(text, ensure_ascii=False)


def _letters(name: str) -> str:
    return "".join(each for each in name if each.isascii() and each.isalnum())
