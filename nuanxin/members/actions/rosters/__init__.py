"""Rosters: handed in, checked, enrolled, undone. The people's office or a clerk asks; the background does the work."""

from nuanxin.members.actions.rosters.undoing import undo_roster
from nuanxin.members.actions.rosters.uploading import commit_roster, remap_roster, upload_roster
from nuanxin.members.actions.rosters.working import take_up_left, work_off

__all__ = ["commit_roster", "remap_roster", "take_up_left", "undo_roster", "upload_roster", "work_off"]
