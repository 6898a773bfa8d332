// Comes after each program of this folder. A confined one has nothing to say but the first line.
if (seen.size > 500) console.log("walked");
for (const finding of findings.slice(0, 50)) console.log(finding);
